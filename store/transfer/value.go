package transfer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// moment is how times are written.
const moment = "2006-01-02T15:04:05.000000Z"

// text writes a value as it stands in an archive. Its error says that a database
// gave something else than its column holds.
func (c Column) text(value any) ([]byte, error) {
	if value == nil {
		if !c.Null {
			return nil, errors.New("is NULL")
		}
		return []byte("null"), nil
	}
	switch v := value.(type) {
	case string:
		switch c.Type {
		case Text, UUID, Day:
			return quote(v)
		case JSON:
			return canonical([]byte(v))
		case Timeline:
			return timeline([]byte(v))
		case Tries:
			return tries([]byte(v))
		}
	case int64:
		switch c.Type {
		case Int, Span:
			return strconv.AppendInt(nil, v, 10), nil
		case Time:
			return quote(time.UnixMicro(v).UTC().Format(moment))
		case Money:
			return quote(dollars(v))
		}
	case bool:
		if c.Type == Bool {
			return strconv.AppendBool(nil, v), nil
		}
	case []byte:
		if c.Type == Bytes {
			return quote(base64.StdEncoding.EncodeToString(v))
		}
	}
	return nil, fmt.Errorf("is of type %T", value)
}

// parse reads what Column.text wrote. Its error says what the column wants.
func (c Column) parse(text json.RawMessage) (any, error) {
	if string(text) == "null" {
		if !c.Null {
			return nil, errors.New("is null, and may not be")
		}
		return nil, nil
	}
	switch c.Type {
	case Int, Span:
		n, err := strconv.ParseInt(string(text), 10, 64)
		return n, wants(err, text, "a whole number")
	case Bool:
		b, err := strconv.ParseBool(string(text))
		return b, wants(err, text, "true or false")
	case JSON:
		return string(text), nil
	case Timeline:
		_, err := timeline(text)
		return string(text), wants(err, text, "a list of states and times")
	case Tries:
		_, err := tries(text)
		return string(text), wants(err, text, "a list of attempts to deliver")
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, wants(err, text, "a string")
	}
	switch c.Type {
	case Text:
		return s, nil
	case UUID:
		id, err := uuid.Parse(s)
		return id.String(), wants(err, text, "a UUID")
	case Time:
		at, err := time.Parse(time.RFC3339Nano, s)
		return at.UnixMicro(), wants(err, text, "a time by RFC 3339")
	case Day:
		_, err := time.Parse(time.DateOnly, s)
		return s, wants(err, text, "a day such as 2030-12-31")
	case Money:
		n, err := micros(s)
		return n, wants(err, text, "an amount with six decimals, such as 0.280140")
	case Bytes:
		b, err := base64.StdEncoding.DecodeString(s)
		return b, wants(err, text, "base64")
	}
	panic("transfer: no reader for columns such as " + c.Name)
}

// wants words the error of a value that has the wrong form.
func wants(err error, got json.RawMessage, want string) error {
	const most = 60
	if err == nil {
		return nil
	}
	if len(got) > most {
		got = append(got[:most:most], "…"...)
	}
	return fmt.Errorf("is %s, and wants %s", bytes.ToValidUTF8(got, nil), want)
}

func quote(s string) ([]byte, error) { return encode(s) }

// encode is json.Marshal without the care for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// canonical writes JSON in the one way in which both databases give it back:
// without white space, its keys in order, its numbers without an exponent.
func canonical(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("is no JSON: %w", err)
	}
	return encode(plain(v))
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case json.Number:
		return plainNumber(v)
	}
	return v
}

// mostExponent is beyond what either database takes.
const mostExponent = 1000

// plainNumber writes a number without an exponent and without a negative zero,
// with as many decimals as it has.
func plainNumber(n json.Number) json.Number {
	digits, minus := strings.CutPrefix(n.String(), "-")
	at := strings.IndexAny(digits, "eE")
	if at >= 0 {
		exponent, err := strconv.Atoi(digits[at+1:])
		if err != nil || exponent > mostExponent || exponent < -mostExponent {
			return n
		}
		digits = shift(digits[:at], exponent)
	}
	if minus && strings.Trim(digits, "0.") != "" {
		digits = "-" + digits
	}
	return json.Number(digits)
}

// shift moves the point of a decimal number to the right, or to the left.
func shift(digits string, by int) string {
	whole, fraction, _ := strings.Cut(digits, ".")
	switch {
	case by >= 0:
		fraction += strings.Repeat("0", max(0, by-len(fraction)))
		whole, fraction = whole+fraction[:by], fraction[by:]
	default:
		whole = strings.Repeat("0", max(0, -by-len(whole)+1)) + whole
		whole, fraction = whole[:len(whole)+by], whole[len(whole)+by:]+fraction
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// timeline writes a list of events. One database keeps their times as text, the
// other one as microseconds.
func timeline(text []byte) ([]byte, error) {
	var events []struct {
		State store.State     `json:"state"`
		At    json.RawMessage `json:"at"`
	}
	if err := json.Unmarshal(text, &events); err != nil {
		return nil, err
	}
	type event struct {
		State store.State `json:"state"`
		At    string      `json:"at"`
	}
	list := make([]event, len(events))
	for i, e := range events {
		at, err := momentOf(e.At)
		if err != nil {
			return nil, err
		}
		list[i] = event{e.State, at.UTC().Format(moment)}
	}
	return encode(list)
}

func momentOf(text json.RawMessage) (at time.Time, err error) {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return time.UnixMicro(n), nil
	}
	err = json.Unmarshal(text, &at)
	return at, err
}

// Micros writes a timeline with its times in microseconds since 1970, as SQLite
// keeps them.
func Micros(timeline string) (string, error) {
	var events []struct {
		State store.State `json:"state"`
		At    time.Time   `json:"at"`
	}
	if err := json.Unmarshal([]byte(timeline), &events); err != nil {
		return "", err
	}
	type event struct {
		State store.State `json:"state"`
		At    int64       `json:"at"`
	}
	list := make([]event, len(events))
	for i, e := range events {
		list[i] = event{e.State, e.At.UnixMicro()}
	}
	text, err := encode(list)
	return string(text), err
}

// tries writes a list of attempts with their times in UTC.
func tries(text []byte) ([]byte, error) {
	list := []store.Try{}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return encode(list)
}

const million = 1_000_000

// dollars writes millionths of a dollar as dollars.
func dollars(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%06d", sign, n/million, n%million)
}

func micros(dollars string) (int64, error) {
	whole, decimals, ok := strings.Cut(dollars, ".")
	if !ok || len(decimals) != 6 {
		return 0, errors.New("has not six decimals")
	}
	return strconv.ParseInt(whole+decimals, 10, 64)
}
