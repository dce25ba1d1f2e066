package api_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// One body must not take the memory of a process, nor answer with more than it
// has: measured is all that is allocated for it, which no peak can be above.
func TestCreateBatch_is_frugal(t *testing.T) {
	h := open(t) // not parallel: it counts what the process allocates
	full := func(item string) string {
		return `{"videos":[` + strings.TrimSuffix(strings.Repeat(item+",", (10<<20-20)/(len(item)+1)), ",") + `]}`
	}
	for name, body := range map[string]string{
		"empty objects":       full(`{}`),
		"numbers":             full(`7`),
		"names without end":   `{"videos":[{` + names(700_000) + `}]}`,
		"lists in lists":      `{"videos":[` + strings.Repeat("[", 5<<20) + strings.Repeat("]", 5<<20) + `]}`,
		"lists in one video":  `{"videos":[{"heygen":{"a":[` + strings.Repeat("[],", 3<<20) + `0]}}]}`,
		"objects beside them": `{"more":[` + strings.Repeat("{},", 3<<20) + `0],"videos":[]}`,
		"1,000 wrong videos":  `{"videos":[` + strings.TrimSuffix(strings.Repeat(`{`+names(490)+`},`, 1000), ",") + `]}`,
		"1,000 long titles":   `{"videos":[` + strings.TrimSuffix(strings.Repeat(`{"title":"`+strings.Repeat("x", 10_000)+`"},`, 1000), ",") + `]}`,
	} {
		for _, target := range []string{"/v1/videos/batch", "/v1/videos/batch?partial=true"} {
			request := httptest.NewRequest("POST", target, strings.NewReader(body))
			request.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			h.ServeHTTP(answer, request)
			runtime.ReadMemStats(&after)
			took := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%s (%d MB) to %s: %d, took %d MB, answered %d kB", name, len(body)>>20, target, answer.Code, took, answer.Body.Len()>>10)
			if took > 400 || answer.Body.Len() > 3<<20 || answer.Code >= http.StatusInternalServerError {
				t.Errorf("%s (%d MB) to %s: %d, took %d MB, answered %d kB", name, len(body)>>20, target, answer.Code, took, answer.Body.Len()>>10)
			}
		}
	}
}
