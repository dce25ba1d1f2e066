package screen

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"

	"heyq/internal/text"
)

// Clean makes s safe for a terminal: each character that could move, hide or forge what
// stands around it becomes its escape, line breaks too. Only the colours that this
// package added become real sequences. A Screen calls Clean once on all that it writes;
// code that writes without a Screen calls it itself.
func Clean(s string) string {
	var b strings.Builder
	end := 0
	for _, at := range sealed.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(text.Visible(s[end:at[0]]))
		sequence, _ := hex.DecodeString(s[at[2]:at[3]])
		b.Write(sequence)
		end = at[1]
	}
	return b.String() + text.Visible(s[end:])
}

// A style puts its sequences into a text under a seal, a random word of this process.
// So a text may be put together of what heyq paints and what strangers wrote, and what
// a stranger wrote is never taken for a style, whatever it looks like. The
// form is that of a command to the terminal, which has no width.
var (
	seal   = rand.Text()
	sealed = regexp.MustCompile(`\x1b\]` + seal + `;((?:[0-9a-f]{2})*)\x07`)
)

// sealing returns text in a style, as Clean takes it.
func sealing(style lipgloss.Style, text string) string {
	before, after, _ := strings.Cut(style.Render("·"), "·") // which no sequence holds
	return fmt.Sprintf("\x1b]%s;%x\x07%s\x1b]%[1]s;%[4]x\x07", seal, before, text, after)
}

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
