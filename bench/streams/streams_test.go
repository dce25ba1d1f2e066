package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A short run, to the end.
func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-streams", "200", "-measure", "1s", "-settle", "0s"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\n     200 ") || !strings.Contains(out.String(), ": 22 readers heard of it") {
		t.Errorf("it says:\n%s", &out)
	}
}
