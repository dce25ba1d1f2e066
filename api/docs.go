package api

import (
	"encoding/json"
	"html/template"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

const (
	videosTag        = "Videos"
	usersTag         = "Users"
	keysTag          = "Keys"
	meTag            = "You"
	filesTag         = "Files"
	notificationsTag = "Notifications"
	jobsTag          = "Jobs"
	admissionTag     = "Admission"
	alertsTag        = "Alerts"
	queuesTag        = "Queues"
	scheduleTag      = "Schedule"
	tasksTag         = "Tasks"
	endpointsTag     = "HeyGen's webhooks"
	healthTag        = "Health"
)

const about = "heyq turns requests for HeyGen videos into finished files: it never pays twice for one request, and loses none that it accepted.\n\n" +
	"```\ncurl -i http://127.0.0.1:8080/v1/videos -H 'Content-Type: application/json' \\\n" +
	"  -H \"Authorization: Bearer $(cat heyq-data/operator-token)\" \\\n" +
	"  -d '{\"title\": \"Hello Ada\", \"script\": \"Hello Ada!\", \"avatar_id\": \"avatar_1\", \"voice_id\": \"voice_1\"}'\n```\n\n" +
	"Every request wants the operator token, but for the probes and HeyGen's webhooks: it is what `HEYQ_OPERATOR_TOKEN` says, or what heyq has made and keeps in its data folder. " +
	"Users show a key, or log in with a browser.\n\n" +
	"Every error is an `application/problem+json`: `detail` says what is wrong and what to do, `errors` names each wrong field with its value. " +
	"A 503 and a 429 have a `Retry-After`.\n\n" +
	limitsInWords

var tags = []*huma.Tag{
	{Name: videosTag, Description: "Create, follow, cancel, retry"},
	{Name: filesTag, Description: "What came of them"},
	{Name: notificationsTag, Description: "Who was told of a video's end, and what came of it"},
	{Name: usersTag, Description: "The people who have videos"},
	{Name: keysTag, Description: "What lets programs in"},
	{Name: meTag, Description: "Who you are, your password, and the browsers in which you have logged in"},
	{Name: jobsTag, Description: "For operators: what waits, runs or failed, and what to do about it"},
	{Name: admissionTag, Description: "The one gate before HeyGen"},
	{Name: alertsTag, Description: "What is wrong with this heyq"},
	{Name: queuesTag, Description: "What waits where, and who may fetch it"},
	{Name: tasksTag, Description: "What became of work that was started in the background"},
	{Name: scheduleTag, Description: "What heyq does by itself, again and again"},
	{Name: endpointsTag, Description: "Where HeyGen tells heyq that a render has ended"},
	{Name: healthTag, Description: "For probes"},
}

// docsPolicy lets the documentation load from this server and nowhere else.
// Swagger UI sets styles inline, and its page starts it by an inline script.
const docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const docsStyle template.HTML = `<style>
	.swagger-ui .topbar { display: none }
	.swagger-ui .info { margin: 32px 0 16px }
	.swagger-ui .info .main > a, .swagger-ui .opblock-tag small { font-size: 14px }
</style>`

// serveDocs serves the description of the API, for programs and for people. It
// comes last: the description is written down once, as it then is.
func serveDocs(mux *http.ServeMux, description *huma.OpenAPI) {
	encoded, err := json.Marshal(description)
	if err != nil {
		panic("api: describe the routes: " + err.Error()) // wrong in the code, and so on every start
	}
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(encoded) // the client may be gone
	})
	pages := v5emb.NewHandlerWithConfig(swgui.Config{
		Title: "heyq API", SwaggerJSON: "/openapi.json", BasePath: "/docs/",
		AppendHead: docsStyle,
		SettingsUI: map[string]string{
			"validatorUrl":             "null",
			"docExpansion":             `"list"`,
			"defaultModelRendering":    `"example"`,
			"defaultModelsExpandDepth": "-1",
			"displayRequestDuration":   "true",
		},
	})
	docs := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		pages.ServeHTTP(w, r)
	})
	mux.Handle("GET /docs", docs)
	mux.Handle("GET /docs/", docs)
}
