// Package examples holds what shows how heyq is used: a CSV file, which is in the binary as
// well, so that the demo works in any folder, and below it programs that another module
// could have.
package examples

import _ "embed"

// People is people.csv: twenty new colleagues, each with a word of welcome. It
// is what `heyq demo` makes, and `heyq videos import` takes it as it is.
//
//go:embed people.csv
var People []byte
