package text_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"heyq/internal/fault"
	"heyq/internal/text"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hello Ada":                  "Hello Ada",
		"שלום 👩‍🚀 J\ufffdrg":         "שלום 👩‍🚀 J\ufffdrg",
		"\x1b[2J\x1b]52;c;aGk=\x07":  `\x1b[2J\x1b]52;c;aGk=\x07`,
		"a\r\n\tb\x7f":               `a\x0d\x0a\x09b\x7f`,
		"\u009b2J":                   `\x9b2J`,
		"gpj.\u202eexe\u2066":        `gpj.\u202eexe\u2066`,
		"a\u200b\ufeff\u2028\u00adb": `a\u200b\ufeff\u2028\xadb`,
		"J\xf6rg":                    `J\xf6rg`,
		"\U000E0041":                 `\U000e0041`,
	} {
		if got := text.Visible(in); got != want {
			t.Errorf("%q is shown as %s, want %s", in, got, want)
		}
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, items, rest, problem string }{
		{`{"videos":[{"a":1},{"b":[1,2]} , 7],"x":3 , "y" : [1]}`, `{"a":1} {"b":[1,2]} 7`, `{"x":3,"y" : [1]}`, ""},
		{`{"q":1,"videos":[]}`, ``, `{"q":1}`, ""},
		{`{"videos":7}`, ``, `{"videos":7}`, ""},
		{`[1]`, ``, `[1]`, ""},
		{`{"videos":[1,2,3,4,5`, `1 2 3`, ``, "the body has more than 3 videos"},
		{`{"videos":[1`, `1`, ``, "the body is no JSON"},
		{`{"videos":[1]} {}`, `1`, ``, "something stands behind its end"},
		{`{"videos":[1],"videos":[2]}`, `1`, ``, `"videos" twice`},
		{`{"videos":[{"a":"` + "\xff" + `"}]}`, ``, ``, "not UTF-8 at byte 17, in videos[0].a"},
	} {
		var items []string
		rest, err := text.Items("the body", []byte(c.body), "videos", 3, func(i int, element []byte) error {
			if i != len(items) {
				t.Errorf("%s: item %d is told as %d", c.body, len(items), i)
			}
			items = append(items, string(element))
			return nil
		})
		if got := strings.Join(items, " "); got != c.items || string(rest) != c.rest && c.problem == "" {
			t.Errorf("%s: items %s, rest %s", c.body, got, rest)
		}
		if got := fmt.Sprint(err); c.problem == "" && err != nil || !strings.Contains(got, c.problem) {
			t.Errorf("%s: got %v", c.body, err)
		}
	}
}

// FuzzCheckJSON holds what every entrance relies on: what passes is read by
// encoding/json as it stands, nothing of it mended and nothing left out.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":"\ud83d\ude00","b":[1,{"c":null}]}`, `{"a":1,"\u0061":2}`, `{"a":"\ud83d"}`, "{\"a\":\"\xff\"}", `{"videos":[{"a":1},2],"x":"\ufffd"}`, `[[]] `, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := text.CheckJSON("it", data)
		var items int
		_, itemErr := text.Items("it", data, "videos", 1000, func(int, []byte) error { items++; return nil })
		if err != nil {
			if code := fault.CodeOf(err); code != fault.Malformed && code != fault.TooLarge {
				t.Fatalf("no fault: %v", err)
			}
			if itemErr == nil && fault.CodeOf(err) == fault.Malformed {
				t.Fatalf("as a list it passed, and alone: %v", err)
			}
			return
		}
		if itemErr != nil && fault.CodeOf(itemErr) != fault.TooLarge {
			t.Fatalf("alone it passed, and as a list: %v", itemErr)
		}
		var value any
		if !utf8.Valid(data) || !json.Valid(data) {
			t.Fatalf("%q passed", data)
		}
		if json.Unmarshal(data, &value) != nil {
			return // a number beyond float64
		}
		lost := func(s string) bool {
			return strings.Contains(s, "\ufffd") && !strings.Contains(string(data), "\ufffd") && !strings.Contains(strings.ToLower(string(data)), `\ufffd`)
		}
		if slices.ContainsFunc(stringsOf(value), lost) {
			t.Fatalf("%q was mended to %q", data, value)
		}
		encoded, err := text.Encode(value)
		if err != nil {
			t.Fatalf("%q cannot be encoded: %v", data, err)
		}
		text.EachString(encoded, func(path, s string) {
			if !utf8.ValidString(path + s) {
				t.Fatalf("%q: %q", path, s)
			}
		})
	})
}

func stringsOf(value any) (list []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			list = append(list, stringsOf(e)...)
		}
	case map[string]any:
		for name, e := range v {
			list = append(append(list, name), stringsOf(e)...)
		}
	}
	return list
}

// FuzzVisible holds what a terminal relies on.
func FuzzVisible(f *testing.F) {
	f.Add("Hello\x1b[2J\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		shown := text.Visible(s)
		if !utf8.ValidString(shown) || text.Visible(shown) != shown || text.Unfit(strings.ReplaceAll(shown, "\ufffd", ""), text.Line) != "" {
			t.Fatalf("%q is shown as %q", s, shown)
		}
		if text.Unfit(s, text.Line) == "" && utf8.ValidString(s) && !text.Speakable(shown) && text.Speakable(s) {
			t.Fatalf("%q is shown as %q", s, shown)
		}
	})
}
