package sql

import _ "embed"

// Schema is the picture of the schema that all migrations lead to, as Postgres has it:
// a line for each column, with its type. SQLite has the same columns.
//
//go:embed schema.sql
var Schema string
