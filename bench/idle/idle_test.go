package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A short run, to the end: nothing is quiet yet, but everything is counted.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-quiet", "0s", "-measure", "1s"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, layout := range []string{"sqlite", "postgres", "roles"} {
		if !strings.Contains(out.String(), "\n"+layout+" ") {
			t.Errorf("it says:\n%s", &out)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	for _, args := range [][]string{{"-measure", "0s"}, {"-quiet", "-1s"}, {"-layouts", "mysql"}, {"surprise"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
