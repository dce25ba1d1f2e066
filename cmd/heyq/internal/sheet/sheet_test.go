package sheet

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/fault"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		rows       []string
		lines      []int
		bad        []Cell
	}{
		{
			name:  "every kind of column",
			file:  "title,priority,caption,variables.name,variables.company,metadata.id,heygen\nHi,low,yes,Ada,Acme,7,\"{\"\"type\"\":\"\"image\"\"}\"\n",
			rows:  []string{`{"caption":true,"heygen":{"type":"image"},"metadata":{"id":"7"},"priority":-5,"title":"Hi","variables":{"company":"Acme","name":"Ada"}}`},
			lines: []int{2},
		},
		{
			name:  "as a spreadsheet writes it",
			file:  "\uFEFFtitle,script\r\n\"Hello, you\",\"two\r\nlines\"\r\n\r\nNext,\"she said \"\"hi\"\"\"\r\n,\r\n",
			rows:  []string{`{"script":"two\nlines","title":"Hello, you"}`, `{"script":"she said \"hi\"","title":"Next"}`},
			lines: []int{2, 5},
		},
		{
			name:  "an empty cell leaves its field out",
			file:  "title,priority,variables.name\nHi,,\n",
			rows:  []string{`{"title":"Hi"}`},
			lines: []int{2},
		},
		{
			name:  "the wrong lines stand aside",
			file:  "title,priority,caption\nA,urgent,maybe\nB,1,no\nC,1\n",
			rows:  []string{`{"caption":false,"priority":1,"title":"B"}`},
			lines: []int{3},
			bad: []Cell{
				{2, "priority", "urgent", `"urgent" is neither a whole number nor low, normal or high`},
				{2, "caption", "maybe", `"maybe" is neither true nor false`},
				{4, "", nil, "has 2 cells and the first line has 3; quote a cell that holds a comma"},
			},
		},
		{
			name: "HeyGen's JSON that says two things, or half of one",
			file: "title,heygen\nA,\"{\"\"type\"\":\"\"image\"\",\"\"type\"\":\"\"studio\"\"}\"\nB,\"{\"\"script\"\":\"\"J\\ud800rg\"\"}\"\n",
			bad: []Cell{
				{2, "heygen", `{"type":"image","type":"studio"}`, `the cell has the name "type" twice in one object (remove one of the two: which of them counts would be a guess)`},
				{3, "heygen", `{"script":"J\ud800rg"}`, `the cell is not UTF-8 at byte 12, in script (encode it as UTF-8; a \u escape of a character beyond U+FFFF is a pair)`},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := Read(strings.NewReader(test.file))
			if err != nil {
				t.Fatal(err)
			}
			var rows []string
			var lines []int
			for _, row := range s.Rows {
				rows, lines = append(rows, string(row.Body)), append(lines, row.Line)
			}
			if diff := cmp.Diff(test.rows, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.lines, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.bad, s.Bad); diff != "" {
				t.Errorf("bad (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_refused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		code       fault.Code
		want       string
	}{
		{"nothing", "", fault.Invalid, "the file is empty"},
		{"only columns", "title,script\n", fault.Invalid, "no videos"},
		{"a slip", "title,scirpt\nA,B\n", fault.Invalid, "scirpt: is not known; did you mean script?"},
		{"no such variable", "variables.\nA\n", fault.Invalid, "variables.: is not known; did you mean variables.name?"},
		{"a slip before the dot", "metdata.id\nA\n", fault.Invalid, "did you mean metadata.id?"},
		{"a nameless column", "title,\nA,B\n", fault.Invalid, "column 2 has no name"},
		{"a column twice", "title,title\nA,B\n", fault.Invalid, "is there twice"},
		{"no CSV", "title\n\"a\"b\n", fault.Malformed, "no CSV from line 2 on"},
		{"no UTF-8", "title\nM\xfcller\n", fault.Malformed, "not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(test.file))
			if fault.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v (%s), want %s with %q", err, fault.CodeOf(err), test.code, test.want)
			}
		})
	}
}

// A line is the same line wherever it stands, and as often as it is there.
func TestRead_keys(t *testing.T) {
	t.Parallel()
	keys := func(file string) (list []string) {
		s, err := Read(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range s.Rows {
			list = append(list, row.Key)
		}
		return list
	}
	first := keys("title,priority\nA,1\nB,2\nA,1\n")
	again := keys("priority,rejected_because,title\n9,,C\n1,why,A\n1,,A\n2,,B\n")
	want := []string{again[1], again[3], again[2]}
	if diff := cmp.Diff(want, first); diff != "" || first[0] == first[2] || again[0] == again[1] {
		t.Errorf("keys (-want +got):\n%s%q", diff, again)
	}
}
