// Package health is the one table of what heyq asks about itself: each question with
// its bounds, what to type, and what to do.
//
// /readyz, heyq doctor, the alerts of heyq itself, docs/alerts.yml and the runbook in
// docs/operations.md take their bounds, commands and remedies from here; a test
// compares the two documents with the table. Nothing else says when heyq is well.
//
// Each answer is a function of figures that it is handed. Only checks.go asks for them
// itself, for /readyz.
package health
