// Package people is who may use heyq: users with their profiles, and what each role
// may do.
package people
