package auth

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"math"
	"net/http"
	"strconv"
	"time"
)

// What is said to programs and to people alike.
const (
	tooMany = "too many wrong tokens came from your address; the right one is taken at any time"
	noStore = "the database does not answer, and only it knows the keys; the operator token needs it not"
	noRedis = "sessions need Redis, which does not answer; requests with the token as a bearer need none"
	noUsers = "heyq cannot tell now who you are: its database or its Redis does not answer; try again in a moment"

	tooManyPasswords = "too many wrong passwords came from your address, or for this e-mail; wait a while before you try again"
)

const howToShow = `; send it as "Authorization: Bearer <token>": it is what HEYQ_OPERATOR_TOKEN says, or the content of operator-token in heyq's data folder`

// writeUnauthorized tells a program what it lacks.
func writeUnauthorized(w http.ResponseWriter, message string) {
	askForBearer(w)
	writeProblem(w, http.StatusUnauthorized, message+howToShow)
}

func askForBearer(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", `Bearer realm="heyq"`) }

// tellToWait sets Retry-After in whole seconds. It rounds up: a client that comes a moment
// too early would be refused again.
func tellToWait(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// writeProblem answers as RFC 9457 has it, in the form of all of heyq's errors.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(struct { // the client may be gone
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`

		RequestID string `json:"request_id,omitempty"`
	}{http.StatusText(status), status, detail, w.Header().Get("X-Request-Id")})
}

// page is its one page: to log in, to log out, or to set a password.
type page struct {
	Path   string // where its form goes: /login, /logout or /password
	Next   string // where a login leads
	Email  string // that was given before
	Token  string // of a link
	Wrong  string // why it is shown again
	Said   string // what has worked
	People bool   // users may log in
	Style  template.CSS
}

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle string

	pageTemplate = template.Must(template.New("page").Parse(pageSource))
	pagePolicy   = "default-src 'none'; img-src data:; style-src 'sha256-" + hashOf(pageStyle) + "'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

func hashOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page writes p. It loads nothing and works without scripts.
func (d *Authenticator) page(w http.ResponseWriter, status int, p page) {
	p.People, p.Style = d.users != nil, template.CSS(pageStyle)
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		panic("auth: the page does not fit its template: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would hide the form's origin from us as well
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the client may be gone
}
