// Package health is the one table of what heyq asks about itself: each question with
// its bounds, what to type, and what to do.
//
// /readyz, heyq doctor, the alerts of heyq itself, docs/alerts.yml and the runbook in
// docs/operations.md take their bounds, commands and remedies from here; a test
// compares the two documents with the table. Nothing else says when heyq is well.
//
// The package decides and asks nobody: it is handed figures.
package health
