package heyq_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// TestDocs_name_tests_that_are_there holds the pages, docs/security.md before all, to
// their word that a test stands behind a promise. A name that ends with _ is that of
// several tests.
func TestDocs_name_tests_that_are_there(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, found := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
			written[found[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	is := func(name string) bool {
		for test := range written {
			if test == name || strings.HasSuffix(name, "_") && strings.HasPrefix(test, name) {
				return true
			}
		}
		return false
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, page := range pages {
		for _, name := range regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`).FindAllString(read(t, page), -1) {
			if seen[page]++; !is(name) {
				t.Errorf("%s names %s, which does not exist", page, name)
			}
		}
	}
	if seen["docs/security.md"] < 30 || seen["docs/reliability.md"] < 30 {
		t.Errorf("the pages name so many tests: %v", seen)
	}
}

// docs/protocol.md has a row for each outcome that a run can have, and no others.
func TestProtocol_lists_every_outcome(t *testing.T) {
	t.Parallel()
	constructor := regexp.MustCompile(`(?m)^func ([A-Z]\w*)\(r Run\b.*\) End \{`)
	var code []string
	for _, path := range []string{"store/end.go", "store/end_render.go"} {
		for _, match := range constructor.FindAllStringSubmatch(read(t, path), -1) {
			code = append(code, match[1])
		}
	}
	tables := regexp.MustCompile(`(?s)\n## The outcomes of a run\n(.*?)\n## `).FindStringSubmatch(read(t, "docs/protocol.md"))
	if tables == nil {
		t.Fatal("docs/protocol.md has no outcomes")
	}
	var told []string
	for _, first := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(tables[1], -1) {
		for _, name := range strings.Split(first[1], ", ") {
			told = append(told, strings.Trim(name, "`"))
		}
	}
	slices.Sort(code)
	slices.Sort(told)
	if len(code) < 20 || !slices.Equal(code, told) {
		t.Errorf("the code has\n%q\nand docs/protocol.md\n%q", code, told)
	}
}

// What CONTRIBUTING.md says that a change costs is what one that is there has cost: all
// product files in which its words stand, or for a column those by which it is seen.
func TestContributing_says_what_a_change_touches(t *testing.T) {
	t.Parallel()
	page := read(t, "CONTRIBUTING.md")
	file := regexp.MustCompile(`\b(?:api|client|cmd|handlers|jobs|store|wire)/[\w/]+\.(?:go|sql)\b`)
	for _, c := range []struct {
		change, words string
		all           bool // files in which the words stand are named
	}{
		{"an operation", `versionOp\b|Server\) Version\(|type Version `, true},
		{"a verb", `(?:Videos|Client|Protocol)\) Cancel\(|cancelOp\b|videosCancel\b|\tCancel\(ctx`, true},
		{"a scheduled job", `KeysForget|ForgetKeys|forgetKeys`, true},
		{"a column of videos that heyq", `LastAnswer|last_answer`, false},
		{"a column that a request", `NotifyURL|notify_url`, false},
	} {
		row := regexp.MustCompile(`(?m)^\| ` + c.change + `.*`).FindString(page)
		named := file.FindAllString(row, -1)
		if len(named) < 4 {
			t.Errorf("%s: CONTRIBUTING.md names %q", c.change, named)
		}
		words := regexp.MustCompile(c.words)
		for _, name := range named {
			if !words.MatchString(read(t, name)) {
				t.Errorf("%s: nothing of it stands in %s", c.change, name)
			}
		}
		for name := range sources(t) {
			if !c.all || !file.MatchString(name) || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "store/storetest/") {
				continue
			}
			if !slices.Contains(named, name) && words.MatchString(read(t, name)) {
				t.Errorf("%s: it stands in %s as well", c.change, name)
			}
		}
	}
}

// A file that a page names is there: pages outlive the files that they speak of.
func TestDocs_name_files_that_are_there(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\b(?:api|app|bench|chaos|cmd|config|deploy|dispatch|docs|examples|handlers|heygen|internal|jobs|media|operate|store)/[\w/]*[\w-]+\.(?:go|sql|yaml|yml|csv|md|json)\b`)
	seen := 0
	for _, page := range append(pages, "README.md", "CONTRIBUTING.md") {
		for _, file := range named.FindAllString(read(t, page), -1) {
			seen++
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s names %s: %v", page, file, err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("the pages name %d files only", seen)
	}
}
