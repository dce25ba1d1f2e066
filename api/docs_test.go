package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heyq/api"
	"heyq/internal/build"
	"heyq/internal/testkit/golden"
)

// A browser that opens the address alone is led to what there is to read.
func TestDocs_are_where_the_root_leads(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{})}
	if got := h.must(t, http.StatusSeeOther, "GET", "/", "").header.Get("Location"); got != "/docs/" {
		t.Errorf("/ leads to %q, want /docs/", got)
	}
	h.must(t, http.StatusNotFound, "GET", "/nowhere", "")
}

func TestDocs_load_nothing_from_elsewhere(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{})}
	var page reply
	for _, path := range []string{"/docs", "/docs/"} {
		page = h.must(t, http.StatusOK, "GET", path, "")
		policy := page.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.body, -1)
	if len(links) < 3 {
		t.Fatalf("the page has %d links: %s", len(links), page.body)
	}
	for _, link := range links {
		if !strings.HasPrefix(link[1], "/docs/") {
			t.Errorf("the page loads %s", link[1])
			continue
		}
		h.must(t, http.StatusOK, "GET", link[1], "")
	}
	for _, said := range []string{"validatorUrl: null", `"swaggerJsonUrl":"/openapi.json"`} {
		if !strings.Contains(page.body, said) {
			t.Errorf("the page does not say %s", said)
		}
	}
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{Build: build.Info{Version: "1.2.3"}})}
	answer := h.must(t, http.StatusOK, "GET", "/openapi.json", "")
	var got struct {
		OpenAPI string
		Info    struct{ Version string }
		Paths   map[string]map[string]struct {
			Summary   string
			Responses map[string]any
		}
	}
	answer.decode(t, &got)
	if !strings.HasPrefix(got.OpenAPI, "3.1.") {
		t.Errorf("OpenAPI is %s, want 3.1", got.OpenAPI)
	}
	equal(t, "version", got.Info.Version, "1.2.3")

	var routes []string
	for path, operations := range got.Paths {
		for method, op := range operations {
			routes = append(routes, path+" "+strings.ToUpper(method))
			if op.Summary == "" || len(op.Responses) == 0 {
				t.Errorf("%s %s is not described", method, path)
			}
		}
	}
	slices.Sort(routes)
	golden.Want(t, "testdata/routes.txt", strings.Join(routes, "\n")+"\n")
}

// Every reference leads somewhere.
func TestOpenAPI_references(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{})}
	answer := h.must(t, http.StatusOK, "GET", "/openapi.json", "")
	var got struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	answer.decode(t, &got)
	references := regexp.MustCompile(`"\$ref":"#/components/schemas/(\w+)"`).FindAllStringSubmatch(answer.body, -1)
	if len(references) == 0 {
		t.Fatal("there are no references")
	}
	for _, r := range references {
		if got.Components.Schemas[r[1]] == nil {
			t.Errorf("there is no schema %s", r[1])
		}
	}
}
