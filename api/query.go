package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/text"
)

// legible refuses a path and a query that cannot be read for certain. net/http
// leaves out of a query what it cannot decode: a filter would be gone in silence.
func legible(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := url.ParseQuery(r.URL.RawQuery)
		texts := []string{r.URL.Path}
		for name, values := range query {
			texts = append(append(texts, name), values...)
		}
		unreadable := func(s string) bool { return !utf8.ValidString(s) }
		switch {
		case err != nil:
			writeProblem(w, newProblem(http.StatusBadRequest, "the query cannot be read: "+err.Error(), "escape it as URLs want it"))
		case slices.ContainsFunc(texts, unreadable):
			writeProblem(w, newProblem(http.StatusBadRequest, "the address is not UTF-8", "encode it as UTF-8 before it is escaped"))
		case strings.ContainsRune(r.URL.Path, 0):
			writeProblem(w, newProblem(http.StatusBadRequest, "the address holds a NUL character", "remove it"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// strictQuery refuses ?dry_run without a value, which huma takes for absent: the
// caller would pay for what was meant as a rehearsal. It also refuses a parameter
// that is there twice, and characters that no value has.
func (s *server) strictQuery(ctx huma.Context, next func(huma.Context)) {
	url := ctx.URL()
	query := url.Query()
	for _, p := range ctx.Operation().Parameters {
		values := query[p.Name]
		if p.In != "query" || len(values) == 0 {
			continue
		}
		refuse := func(status int, problem string) {
			_ = huma.WriteErr(s.huma, ctx, status, notValid, &huma.ErrorDetail{
				Location: inQueryOf + p.Name, Value: values[0], Message: problem,
			})
		}
		switch problem := text.Unfit(strings.Join(values, ""), text.Line); {
		case p.Schema.Type == huma.TypeBoolean && values[0] == "":
			refuse(http.StatusUnprocessableEntity, "has no value; give true or false")
			return
		case p.Schema.Type != huma.TypeArray && len(values) > 1:
			refuse(http.StatusBadRequest, "is there twice; which of the two counts would be a guess")
			return
		case problem != "":
			refuse(http.StatusUnprocessableEntity, problem)
			return
		}
	}
	next(ctx)
}
