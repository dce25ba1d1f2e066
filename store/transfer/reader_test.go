package transfer

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"heyq/internal/fault"
)

// drawer is a source with one closed gate, and a target that forgets.
type drawer struct{ state string }

func (d drawer) Snapshot(_ context.Context, begin func(Summary) error, each func(*Table, []any) error) error {
	if err := begin(Summary{Migration: "1.sql", Counts: map[string]int64{"admission": 1, "job_actions": 2}}); err != nil {
		return err
	}
	for range 2 {
		if err := each(Find("job_actions"), []any{int64(0), "ada", "", "delete", "a", nil, "done"}); err != nil {
			return err
		}
	}
	return each(Find("admission"), []any{d.state, "", nil})
}

// read returns every row.
func read(text string, paused string) (rows []string, err error) {
	r, err := NewReader(strings.NewReader(text), "1.sql", Progress{})
	if err != nil {
		return nil, err
	}
	r.Paused = paused
	for _, t := range Tables {
		for {
			row, ok, err := r.Row(t)
			if err != nil {
				return rows, err
			}
			if !ok {
				break
			}
			rows = append(rows, fmt.Sprint(r.Line(), t.Name, row))
		}
	}
	return rows, r.finish()
}

func written(t *testing.T, state string) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(t.Context(), &b, drawer{state}, Header{HeyQ: "v1"}, Progress{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReader_gives_what_was_written(t *testing.T) {
	t.Parallel()
	action := "job_actions [0 ada  delete a <nil> done]"
	for _, c := range []struct{ state, paused, want string }{
		{"open", "", "admission [open  <nil>]"},
		{"open", "old", "admission [paused old <nil>]"},
		{"stopped", "old", "admission [stopped  <nil>]"}, // for a better reason
	} {
		rows, err := read(written(t, c.state), c.paused)
		if got, want := strings.Join(rows, "; "), "2 "+action+"; 3 "+action+"; 4 "+c.want; err != nil || strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}

func TestReader_refuses_what_is_damaged(t *testing.T) {
	t.Parallel()
	text := written(t, "open")
	lines := strings.SplitAfter(text, "\n")
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "cut off after line 0"},
		{"another file", "hello\n", "no header"},
		{"an object", "{}\n", "no header"},
		{"a newer form", strings.Replace(text, `{"heyq_archive":1`, `{"heyq_archive":2`, 1), "with format 2"},
		{"another schema", strings.Replace(text, `1.sql`, `2.sql`, 1), "and migration 2.sql"},
		{"the header alone", lines[0], "cut off after line 1"},
		{"no trailer", strings.Join(lines[:4], ""), "cut off after line 4"},
		{"half a line", text[:len(text)-10], "cut off after line 4"},
		{"no JSON", lines[0] + "{\n", "line 2 of the archive cannot be taken: it is no JSON"},
		{"an unknown table", strings.Replace(text, `"table":"admission"`, `"table":"songs"`, 1), `line 4 of the archive cannot be taken: there is no table "songs"`},
		{"an unknown column", strings.Replace(text, `"until":null`, `"until":null,"by":"ada"`, 1), `line 4 of the archive cannot be taken: admission has no column "by"`},
		{"a column too few", strings.Replace(text, `,"until":null`, ``, 1), `line 4 of the archive cannot be taken: until of admission is missing`},
		{"a wrong value", strings.Replace(text, `"until":null`, `"until":7`, 1), `line 4 of the archive cannot be taken: until of admission is 7, and wants a string`},
		{"another order", lines[0] + lines[3] + lines[1] + lines[2] + lines[4], "line 3 of the archive cannot be taken: job_actions stand behind admission"},
		{"a row too few", lines[0] + lines[1] + lines[3] + lines[4], "its SHA-256 is not that of the file"},
		{"a letter changed", strings.Replace(text, `"who":"ada"`, `"who":"eve"`, 1), "its SHA-256 is not that of the file"},
		{"something behind it", text + "{}\n", "something stands behind its end"},
	} {
		_, err := read(c.text, "")
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzReader(f *testing.F) {
	var b bytes.Buffer
	if _, err := Write(f.Context(), &b, drawer{"open"}, Header{}, Progress{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := read(text, "")
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%v is no fault of the file", err)
		}
		if err == nil && len(rows) == 0 && !strings.Contains(text, "counts") {
			t.Errorf("%q was taken", text)
		}
	})
}
