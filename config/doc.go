// Package config turns the environment into a Config, or into every problem
// that stands in the way, at once.
//
//	environ → files of secrets → env (types, defaults) → rules → Config
//	                                                   → warnings
//
// The structs in config.go are the one list of variables: their tags hold
// names, defaults and descriptions, and .env.example and docs/config.md are
// generated from them (go generate ./config). A variable set to nothing counts
// as not set. Each secret NAME can be given in a file that NAME_FILE names.
//
// config reads what it is given and opens no connection. It knows no other
// package of heyq but fault; what a value is used for is told by package app.
package config

//go:generate go test -run ^TestDocuments$ -update .
