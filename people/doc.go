// Package people is who may use heyq: users with their profiles, what each role may do,
// and how much each user may do within a time.
package people
