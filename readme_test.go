package heyq_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
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

// TestSecurity_names_tests_that_are_there holds docs/security.md to its word that a
// test stands behind each promise.
func TestSecurity_names_tests_that_are_there(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, found := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
			written[found[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, "docs/security.md"), -1)
	if len(named) == 0 {
		t.Error("docs/security.md names no test")
	}
	for _, name := range named {
		if !written[name[1]] {
			t.Errorf("docs/security.md names %s, which does not exist", name[1])
		}
	}
}
