package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
)

// exitCodes is the table of exit codes. 0 is success, and interrupted is what
// shells expect after Ctrl-C.
var exitCodes = map[fault.Code]int{
	fault.Internal:    1,
	fault.Malformed:   2,
	fault.Invalid:     2,
	fault.TooLarge:    2,
	fault.Forbidden:   3,
	fault.NotFound:    3,
	fault.Gone:        3,
	fault.Conflict:    4,
	fault.Unavailable: 5,
}

const interrupted = 130

// report shows err, if it is one, and returns the exit code.
func (p *program) report(err error, asJSON bool) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) {
		p.aside.Println("interrupted")
		return interrupted
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.New(fault.Internal, "%v", err)
	}
	f = f.InShell()
	if asJSON {
		showJSON(p.stderr, f)
	} else {
		show(p.aside, f)
	}
	return exitCodes[f.Code]
}

// show writes a fault for people: the message, each wrong field on a line, and
// what to do.
func show(s *screen.Screen, f *fault.Error) {
	s.Printf("%s %s\n", screen.Bad("heyq:"), f.Message)
	for _, field := range f.Fields {
		s.Printf("  %s: %s\n", screen.Bold(field.Name), field.Message)
	}
	if f.Code == fault.Internal && f.Err != nil {
		s.Printf("  %s\n", screen.Dim("because: "+f.Err.Error())) // there is no log that would say it
	}
	if f.Hint != "" {
		s.Printf("%s %s\n", screen.Dim("→"), f.Hint)
	}
}

// showJSON writes the same as one object.
func showJSON(w io.Writer, f *fault.Error) {
	err := jsonEncoder(w).Encode(struct {
		Code    fault.Code    `json:"code"`
		Message string        `json:"message"`
		Fields  []fault.Field `json:"errors,omitempty"`
		Hint    string        `json:"hint,omitempty"`
	}{f.Code, f.Message, f.Fields, f.Hint})
	if err != nil { // a field's value that JSON does not know
		fmt.Fprintf(w, "{\"code\":%q,\"message\":%q}\n", f.Code, f.Message)
	}
}
