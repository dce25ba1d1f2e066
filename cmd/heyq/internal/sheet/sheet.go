package sheet

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"heyq/internal/fault"

	"heyq/internal/suggest"
)

// Sheet is a file of videos.
type Sheet struct {
	Rows []Row  // those that could be read
	Bad  []Cell // what is wrong with the others

	marked bool             // it begins with a byte order mark
	header []string         // the first line
	lines  map[int][]string // the others, by where they begin
	alike  map[string]int   // how many rows of one content there were so far
}

// Row is one video.
type Row struct {
	Line int             // where it begins, counted from 1
	Body json.RawMessage // as POST /v1/videos takes it

	// Key is the same for the same video, whatever stands around it in the file: it
	// is made of the content of the line, and of how many such lines were before it.
	Key string
}

// Cell is one wrong value.
type Cell struct {
	Line    int    `json:"line"`
	Field   string `json:"field,omitempty"` // the column; empty: the line as a whole
	Value   any    `json:"value,omitempty"`
	Message string `json:"message"`
}

// String returns the cell in one line.
func (c Cell) String() string {
	if c.Field == "" {
		return fmt.Sprintf("line %d: %s", c.Line, c.Message)
	}
	return fmt.Sprintf("line %d, %s: %s", c.Line, c.Field, c.Message)
}

// Read reads a whole file. Its errors are faults about the file as a whole: it
// is no CSV, a column is not known, or there is no video in it. What is wrong
// with a single line is in Bad.
func Read(r io.Reader) (*Sheet, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "the file cannot be read: %v", err)
	}
	s := &Sheet{lines: map[int][]string{}, alike: map[string]int{}}
	content, s.marked = bytes.CutPrefix(content, []byte(mark))
	if !utf8.Valid(content) {
		return nil, fault.New(fault.Malformed, "the file is not UTF-8").
			WithHint("save it as “CSV UTF-8” in your spreadsheet")
	}
	lines := csv.NewReader(bytes.NewReader(content))
	lines.FieldsPerRecord = -1
	columns, err := s.readHeader(lines)
	if err != nil {
		return nil, err
	}
	if err := s.readRows(lines, columns); err != nil {
		return nil, err
	}
	if len(s.Rows)+len(s.Bad) == 0 {
		return nil, fault.New(fault.Invalid, "the file has no videos: there is nothing below the first line")
	}
	return s, nil
}

// mark is what spreadsheets put before UTF-8.
const mark = "\uFEFF"

func (s *Sheet) readHeader(lines *csv.Reader) ([]column, error) {
	header, err := lines.Read()
	s.header = header
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "the file is empty").
			WithHint("name the columns in the first line, such as title,script,avatar_id,voice_id")
	}
	if err != nil {
		return nil, noCSV(err)
	}
	wrong := fault.New(fault.Invalid, "the first line has columns that are no fields of a video").
		WithHint("columns are %s, variables.<name> and metadata.<key>", strings.Join(names(), ", "))
	columns := make([]column, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		c, ok := columnNamed(name)
		switch {
		case !ok:
			_ = wrong.WithField(name, nil, "%s", unknown(name, i))
		case slices.ContainsFunc(columns[:i], func(other column) bool { return other.name == name }):
			_ = wrong.WithField(name, nil, "is there twice; remove one of the two columns")
		}
		columns[i] = c
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return columns, nil
}

func unknown(name string, at int) string {
	if name == "" {
		return fmt.Sprintf("column %d has no name; give it one or remove it", at+1)
	}
	suggestion := suggest.Nearest(name, names())
	if group, key, found := strings.Cut(name, "."); found {
		suggestion = suggest.Nearest(group, groups) + "." + cmp.Or(key, "name")
	}
	return fmt.Sprintf("is not known; did you mean %s?", suggestion)
}

func (s *Sheet) readRows(lines *csv.Reader, columns []column) error {
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return noCSV(err)
		}
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // spreadsheets leave such lines at the end
		}
		line, _ := lines.FieldPos(0)
		s.add(line, columns, cells)
	}
}

// add makes a row of the cells, or says what is wrong with them.
func (s *Sheet) add(line int, columns []column, cells []string) {
	s.lines[line] = cells
	if len(cells) != len(columns) {
		s.Bad = append(s.Bad, Cell{Line: line, Message: fmt.Sprintf(
			"has %d cells and the first line has %d; quote a cell that holds a comma", len(cells), len(columns))})
		return
	}
	body, bad := map[string]any{}, len(s.Bad)
	for i, c := range columns {
		if cells[i] == "" {
			continue
		}
		if problem := c.set(body, cells[i]); problem != "" {
			s.Bad = append(s.Bad, Cell{line, c.name, cells[i], problem})
		}
	}
	if len(s.Bad) > bad {
		return
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		s.Bad = append(s.Bad, Cell{Line: line, Message: err.Error()})
		return
	}
	sum := sha256.Sum256(encoded)
	content := hex.EncodeToString(sum[:16])
	s.alike[content]++
	s.Rows = append(s.Rows, Row{line, encoded, fmt.Sprintf("import-%s-%d", content, s.alike[content])})
}

// noCSV says where the file stops being CSV.
func noCSV(err error) error {
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return fault.Wrap(err, fault.Malformed, "the file cannot be read: %v", err)
	}
	return fault.Wrap(err, fault.Malformed, "the file is no CSV from line %d on: %v", parse.StartLine, parse.Err).
		WithHint("a cell that holds a quote is quoted, and each quote in it is doubled")
}
