package heyq_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"heyq/jobs"
)

// TestReadme_shows_what_works holds the README's snippets against the code: its
// Go is an example's, and its request is one that is accepted.
func TestReadme_shows_what_works(t *testing.T) {
	t.Parallel()
	readme, example := read(t, "README.md"), read(t, "jobs/example_test.go")

	snippet := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(readme)
	if snippet == nil || !strings.Contains(unindented(example), unindented(snippet[1])) {
		t.Errorf("the README's Go is not in jobs/example_test.go:\n%v", snippet)
	}

	if !strings.Contains(readme, `-H "Authorization: Bearer $(cat heyq-data/operator-token)"`) {
		t.Error("the README's request does not show the token that heyq has made")
	}
	body := regexp.MustCompile(`(?m)-d '(\{.*\})'$`).FindStringSubmatch(readme)
	if body == nil {
		t.Fatal("the README shows no request")
	}
	var video jobs.NewVideo
	decoder := json.NewDecoder(strings.NewReader(body[1]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&video); err != nil {
		t.Fatalf("%s: %v", body[1], err)
	}
	if err := video.Validate(); err != nil {
		t.Errorf("%s: %v", body[1], err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// unindented takes the white space off the beginning of each line.
func unindented(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
