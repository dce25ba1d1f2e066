package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"heyq/internal/fault"
)

func TestError_names_every_field_and_the_hint(t *testing.T) {
	err := fault.New(fault.Invalid, "the video is not valid").
		WithField("script", "", "is empty; give 1 to 5,000 characters").
		WithField("priority", 11, "is outside -10 to 10").
		WithHint("nothing was created")
	want := "the video is not valid: script: is empty; give 1 to 5,000 characters; " +
		"priority: is outside -10 to 10 (nothing was created)"
	if got := err.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCodeOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want fault.Code
	}{
		{nil, ""},
		{errors.New("plain"), fault.Internal},
		{fault.New(fault.NotFound, "no such video"), fault.NotFound},
		{fmt.Errorf("get video: %w", fault.New(fault.Conflict, "busy")), fault.Conflict},
	} {
		if got := fault.CodeOf(c.err); got != c.want {
			t.Errorf("CodeOf(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestWithField_shortens_long_values(t *testing.T) {
	err := fault.New(fault.Invalid, "bad").WithField("script", strings.Repeat("ä", 5001), "is too long")
	value, _ := err.Fields[0].Value.(string)
	if len(value) > 90 || !strings.HasSuffix(value, "…") {
		t.Errorf("value is %d bytes: %q", len(value), value)
	}
}

func TestInShell_names_the_flag_of_a_parameter(t *testing.T) {
	err := fault.New(fault.Invalid, "bad").WithField("query.per_page", "x", "is no number").
		WithField("header.Idempotency-Key", "x", "was used before").WithField("metadata.query", "x", "is too long")
	said := err.InShell()
	for i, want := range []string{"--per-page", "--idempotency-key", "metadata.query"} {
		if got := said.Fields[i].Name; got != want {
			t.Errorf("in a shell the field is %s, want %s", got, want)
		}
	}
	if err.Fields[0].Name != "query.per_page" {
		t.Errorf("the fault itself has become that of a shell: %v", err)
	}
}
