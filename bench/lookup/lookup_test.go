package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A small run, to the end.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-creates", "10", "-details", "5", "-takes", "1ms"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "10 creates ") || !strings.Contains(out.String(), " 5 details ") {
		t.Errorf("it says:\n%s", &out)
	}
}

func TestParse_refuses(t *testing.T) {
	for _, args := range [][]string{{"-creates", "0"}, {"-creates", "1001"}, {"-details", "1001"}, {"-takes", "0"}, {"surprise"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
