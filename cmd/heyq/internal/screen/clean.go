package screen

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"heyq/internal/text"
)

// Clean returns s as it may reach a terminal: each character that could move, hide
// or forge what stands around it is written as its escape, line breaks too. What
// the functions of this package paint stays as it is. Everything that a Screen
// writes has passed it; what is written past a Screen calls it.
func Clean(s string) string {
	var b strings.Builder
	end := 0
	for _, at := range painted.FindAllStringIndex(s, -1) {
		b.WriteString(text.Visible(s[end:at[0]]))
		b.WriteString(s[at[0]:at[1]])
		end = at[1]
	}
	return b.String() + text.Visible(s[end:])
}

// painted are the sequences that the styles of this package are made of: bold, the
// colours, and links to files.
var painted = regexp.MustCompile(`\x1b\[(?:(?:1|3[1-6]|90)(?:;(?:1|3[1-6]|90))*|0)?m|\x1b\]8;;(?:file://[!-~]*)?\x07`)

// cleaned returns the arguments of a format. Those that are printed as text are clean.
func cleaned(args []any) []any {
	list := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case error:
			list[i] = Clean(v.Error())
		case fmt.Stringer:
			list[i] = Clean(v.String())
		default:
			list[i] = arg
			if value := reflect.ValueOf(arg); value.Kind() == reflect.String {
				list[i] = Clean(value.String())
			}
		}
	}
	return list
}

func cleanRow(cells []string) []string {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = Clean(cell)
	}
	return row
}
