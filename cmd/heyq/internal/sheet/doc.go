// Package sheet reads videos from a CSV file.
//
// The first line names the columns: the fields of POST /v1/videos, and
// variables.<name> and metadata.<key> for one entry of those. Each further line
// is one video; an empty cell leaves its field out. What a spreadsheet does to
// a file is taken as it is: a byte order mark, CRLF, quoted cells with line
// breaks in them, blank lines at the end.
//
// sheet knows the names and types of the fields, so that it can build the JSON
// of a body. Whether a value makes sense is for the API to say; sheet only
// keeps the line that it came from.
package sheet
