package sheet

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"heyq/internal/fault"
)

// FuzzRead holds what Import relies on: whatever the file, each line is a row
// that is a JSON object, or named as bad with a reason, and never both.
func FuzzRead(f *testing.F) {
	f.Add("title,script\nHi,there\n")
	f.Add("\uFEFFtitle,priority\r\n\"a\r\nb\",x\r\n")
	f.Add("metadata.a,heygen\n1,{}\n")
	f.Add("caption,variables.x,variables.y\nyes,\"a\"\"b\",\n\n,,\nno\n")
	f.Fuzz(func(t *testing.T, file string) {
		s, err := Read(strings.NewReader(file))
		if err != nil {
			if wrong, ok := errors.AsType[*fault.Error](err); !ok || wrong.Message == "" {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		if len(s.Rows)+len(s.Bad) == 0 {
			t.Fatal("nothing was read, and nobody says so")
		}
		bad := map[int]bool{}
		for _, c := range s.Bad {
			if bad[c.Line] = true; c.Line < 2 || c.Message == "" {
				t.Fatalf("%+v", c)
			}
		}
		last, keys := 1, map[string]bool{}
		for _, row := range s.Rows {
			if row.Line <= last || bad[row.Line] {
				t.Fatalf("line %d after %d, bad: %v", row.Line, last, bad[row.Line])
			}
			if last = row.Line; keys[row.Key] || row.Key == "" {
				t.Fatalf("line %d has the key %q of another", row.Line, row.Key)
			}
			keys[row.Key] = true
			var body map[string]json.RawMessage
			if err := json.Unmarshal(row.Body, &body); err != nil || len(body) == 0 {
				t.Fatalf("line %d is %q: %v", row.Line, row.Body, err)
			}
		}
		wantRejected(t, s)
	})
}

// wantRejected has every line rejected, and reads them back: what was good is the
// same again, and what was not is wrong again.
func wantRejected(t *testing.T, s *Sheet) {
	t.Helper()
	bad := slices.Clone(s.Bad)
	for _, row := range s.Rows {
		bad = append(bad, Cell{Line: row.Line, Field: "title", Message: "is \"not\",\ngood"})
	}
	var file bytes.Buffer
	if err := s.WriteRejected(&file, bad); err != nil {
		t.Fatal(err)
	}
	again, err := Read(&file)
	if err != nil {
		t.Fatalf("%q cannot be read: %v", file.String(), err)
	}
	var bodies, bodiesAgain []string
	for _, row := range s.Rows {
		bodies = append(bodies, row.Key+string(row.Body))
	}
	for _, row := range again.Rows {
		bodiesAgain = append(bodiesAgain, row.Key+string(row.Body))
	}
	if !slices.Equal(bodies, bodiesAgain) || len(again.Bad) != len(s.Bad) {
		t.Fatalf("%q and %q, bad %v and %v", bodies, bodiesAgain, s.Bad, again.Bad)
	}
}

// FuzzRead_gives_back writes cells as a spreadsheet does, and wants them back as
// they were.
func FuzzRead_gives_back(f *testing.F) {
	f.Add("Hello, you", "two\nlines", `she said "hi"`)
	f.Add("", " ", "\u2028<&>")
	f.Add(`\.`, "a\r\nb", "\r")
	f.Fuzz(func(t *testing.T, title, script, note string) {
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		if err := w.WriteAll([][]string{{"title", "script", "metadata.note"}, {title, script, note}}); err != nil {
			t.Fatal(err)
		}
		s, err := Read(&file)
		if !utf8.ValidString(title+"|"+script+"|"+note) || strings.TrimSpace(title+script+note) == "" {
			if err == nil {
				t.Fatalf("read %d rows of what is no UTF-8, or blank", len(s.Rows))
			}
			return
		}
		if err != nil || len(s.Rows) != 1 || len(s.Bad) != 0 {
			t.Fatalf("%+v, %v", s, err)
		}
		var got struct {
			Title, Script string
			Metadata      map[string]string
		}
		if err := json.Unmarshal(s.Rows[0].Body, &got); err != nil {
			t.Fatal(err)
		}
		for _, c := range [][2]string{{got.Title, title}, {got.Script, script}, {got.Metadata["note"], note}} {
			// A line's end is one character, as everywhere in CSV.
			if want := strings.ReplaceAll(c[1], "\r\n", "\n"); c[0] != want {
				t.Fatalf("got %q, want %q", c[0], want)
			}
		}
	})
}
