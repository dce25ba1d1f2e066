// Package redishook has what sits between heyq and a Redis client: a prefix before
// every key, so that several heyq share one Redis, and what bounds the cost of a Redis
// that is away. It knows names of keys and errors, and nothing of what they are for.
package redishook
