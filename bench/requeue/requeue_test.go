package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A small run, to the end.
func TestRun(t *testing.T) {
	for _, change := range []string{"-cancel=false", "-cancel"} {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-jobs", "20", "-runs", "1", "-stores", "sqlite", change}, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "sqlite         1 ") {
			t.Errorf("%s: it says:\n%s", change, &out)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	for _, args := range [][]string{{"-jobs", "0"}, {"-runs", "0"}, {"-stores", "mysql"}, {"surprise"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
