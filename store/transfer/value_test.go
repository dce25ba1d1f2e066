package transfer

import (
	"encoding/json"
	"testing"
)

// What either database gives for the same state is written the same, and what was
// written is read as what it was.
func TestColumn_text(t *testing.T) {
	t.Parallel()
	const at = 1_893_553_445_000_007 // 2030-01-02 03:04:05.000007
	for _, c := range []struct {
		column Column
		value  any
		text   string
	}{
		{Column{Type: Text}, "a <b>\u2028\"", `"a <b>\u2028\""`},
		{Column{Type: Text, Null: true}, nil, `null`},
		{Column{Type: Int}, int64(-7), `-7`},
		{Column{Type: Span}, int64(1_500_000), `1500000`},
		{Column{Type: Bool}, true, `true`},
		{Column{Type: Time}, int64(at), `"2030-01-02T03:04:05.000007Z"`},
		{Column{Type: Money}, int64(280_140), `"0.280140"`},
		{Column{Type: Money}, int64(-12_000_001), `"-12.000001"`},
		{Column{Type: Day}, "2030-01-02", `"2030-01-02"`},
		{Column{Type: UUID}, "01900000-0000-7000-8000-00000000ada0", `"01900000-0000-7000-8000-00000000ada0"`},
		{Column{Type: Bytes}, []byte{0, 255}, `"AP8="`},
		{Column{Type: Bytes}, []byte{}, `""`},
	} {
		text, err := c.column.text(c.value)
		if err != nil || string(text) != c.text {
			t.Errorf("%v: %s, %v; want %s", c.value, text, err, c.text)
			continue
		}
		back, err := c.column.parse(text)
		if b, ok := back.([]byte); ok {
			back, c.value = string(b), string(c.value.([]byte))
		}
		if err != nil || back != c.value {
			t.Errorf("%s is read as %v, %v; want %v", text, back, err, c.value)
		}
	}
}

func TestColumn_text_is_the_same_for_both_databases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column Column
		values []string
		want   string
	}{
		{Column{Type: JSON}, []string{`{"b": [1, 2.50], "a": "<é>"}`, `{"a":"<é>","b":[1,2.50]}`}, `{"a":"<é>","b":[1,2.50]}`},
		{Column{Type: JSON}, []string{`[1e2, 1.50e1, 25e-3, -0, -0.0, -1E+1, 0e5]`, `[100, 15.0, 0.025, 0, 0.0, -10, 0]`}, `[100,15.0,0.025,0,0.0,-10,0]`},
		{Column{Type: JSON}, []string{`12345678901234567890.5`}, `12345678901234567890.5`},
		{Column{Type: Timeline}, []string{
			`[{"state": "queued", "at": 1893553445000007}]`, `[{"at": "2030-01-02T04:04:05.000007+01:00", "state": "queued"}]`,
		}, `[{"state":"queued","at":"2030-01-02T03:04:05.000007Z"}]`},
		{Column{Type: Tries}, []string{
			`[{"at": "2030-01-02T04:04:05+01:00", "status": 500, "duration": 5, "error": "no", "answer": "<b>"}]`,
			`[{"answer":"<b>","at":"2030-01-02T03:04:05.000Z","duration":5,"error":"no","status":500}]`,
		}, `[{"at":"2030-01-02T03:04:05Z","status":500,"duration":5,"error":"no","answer":"<b>"}]`},
		{Column{Type: Tries}, []string{`[]`}, `[]`},
	} {
		for _, value := range c.values {
			text, err := c.column.text(value)
			if err != nil || string(text) != c.want {
				t.Errorf("%s is written as %s, %v; want %s", value, text, err, c.want)
			}
		}
		if _, err := c.column.parse(json.RawMessage(c.want)); err != nil {
			t.Errorf("%s is not read: %v", c.want, err)
		}
	}
}

func TestColumn_refuses_what_has_the_wrong_form(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column Column
		text   string
		want   string
	}{
		{Column{Type: Int}, `"7"`, `is "7", and wants a whole number`},
		{Column{Type: Int}, `null`, `is null, and may not be`},
		{Column{Type: Bool}, `1x`, `is 1x, and wants true or false`},
		{Column{Type: Text}, `7`, `is 7, and wants a string`},
		{Column{Type: Time}, `"yesterday"`, `is "yesterday", and wants a time by RFC 3339`},
		{Column{Type: Money}, `"0.1"`, `is "0.1", and wants an amount with six decimals, such as 0.280140`},
		{Column{Type: Timeline}, `[{"at":"x"}]`, `is [{"at":"x"}], and wants a list of states and times`},
	} {
		if _, err := c.column.parse(json.RawMessage(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want that it %s", c.text, err, c.want)
		}
	}
	if text, err := (Column{Type: Int}).text("7"); err == nil {
		t.Errorf("a string was written as the number %s", text)
	}
}

func TestMicros(t *testing.T) {
	t.Parallel()
	got, err := Micros(`[{"state":"queued","at":"2030-01-02T03:04:05.000007Z"}]`)
	if want := `[{"state":"queued","at":1893553445000007}]`; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
