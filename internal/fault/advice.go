package fault

import (
	"slices"
	"strings"
)

// Advice is a hint in the words of the one who reads it: the API's clients read of
// requests, a user of the shell reads of commands. The value itself goes over the wire,
// and does not change.
type Advice string

// The advices.
const (
	ListVideos        Advice = "list_videos"
	ListNotifications Advice = "list_notifications"
	ListUsers         Advice = "list_users"
	ListJobs          Advice = "list_jobs"
	ListQueues        Advice = "list_queues"
	ListSchedule      Advice = "list_schedule"
	ListEndpoints     Advice = "list_endpoints"
	NameScheduledJob  Advice = "name_scheduled_job" // of the name that is most like it
	ListKeys          Advice = "list_keys"
	ListSessions      Advice = "list_sessions"
	ListShares        Advice = "list_shares" // of a video's id
	ListTasks         Advice = "list_tasks"
	FollowVideo       Advice = "follow_video"       // of a video's id
	RetryVideo        Advice = "retry_video"        // of a video's id
	RefetchVideo      Advice = "refetch_video"      // of a video's id
	AllowNewRender    Advice = "allow_new_render"   // of a video's id
	AllowPartial      Advice = "allow_partial"      //
	RepeatUnderKey    Advice = "repeat_under_key"   // the request had one
	LookBeforeRepeat  Advice = "look_before_repeat" // the request had none
)

// words are what an advice says over HTTP and in a shell; {} is what it is about.
// It is the one place for it.
var words = map[Advice]struct{ http, shell string }{
	ListVideos:        {"list them with GET /v1/videos", "list them with heyq videos list"},
	ListNotifications: {"list those of a video with GET /v1/videos/{id}/notifications", "list those of a video with heyq notifications list ID"},
	ListUsers:         {"list them with GET /v1/users", "list them with heyq users list"},
	ListJobs:          {"list them with GET /v1/jobs", "list them with heyq jobs list"},
	ListQueues:        {"look again with GET /v1/queues", "look again with heyq queues list"},
	ListSchedule:      {"see since when with GET /v1/schedule", "see since when with heyq schedule list"},
	ListEndpoints:     {"list them with GET /v1/webhooks/heygen", "list them with heyq webhooks list"},
	NameScheduledJob:  {"did you mean {}? List them with GET /v1/schedule", "did you mean {}? List them with heyq schedule list"},
	ListTasks:         {"list them with GET /v1/tasks", "list them with heyq tasks list"},
	ListKeys:          {"list them with GET /v1/keys", "list them with heyq keys list"},
	ListSessions:      {"list them with GET /v1/sessions", "list them with heyq me sessions"},
	ListShares:        {"list to whom it is shown with GET /v1/videos/{}/shares", "list to whom it is shown with heyq videos share {}"},
	FollowVideo:       {"try again once GET /v1/videos/{} says completed", "follow it with heyq videos watch {}"},
	RetryVideo:        {"try it again with POST /v1/videos/{}/retry", "try it again with heyq videos retry {}"},
	RefetchVideo: {
		"have it fetched again from HeyGen with POST /v1/videos/{}/refetch; nothing is paid",
		"nothing is paid if it is fetched again from HeyGen: heyq videos download --again {}",
	},
	AllowNewRender: {`send {"new_render": true} if that is what you want`, "if that is what you want: heyq videos retry --new-render {}"},
	AllowPartial:   {"correct them, or add ?partial=true to create the others", "correct them, or add --partial to create the others"},
	RepeatUnderKey: {"send it again with the same idempotency keys, which creates nothing twice", "run the same command again, which creates nothing twice"},
	LookBeforeRepeat: {
		"look whether the videos are there before you send it again; with an Idempotency-Key you could just do so",
		"look with heyq videos list whether they are there before you run it again; with --idempotency-key you could just do so",
	},
}

// Words returns an advice as text, over HTTP and in a shell. known is false if this heyq
// does not know the advice, because a newer one gave it.
func (a Advice) Words(about string) (http, shell string, known bool) {
	w, known := words[a]
	return strings.ReplaceAll(w.http, "{}", about), strings.ReplaceAll(w.shell, "{}", about), known
}

// Advices are all there are.
func Advices() (list []Advice) {
	for a := range words {
		list = append(list, a)
	}
	return list
}

// WithAdvice sets what the reader can do, about a thing if it is about one, and
// returns e. The hint is that of HTTP until InShell makes it another.
func (e *Error) WithAdvice(a Advice, about string) *Error {
	e.Advice, e.About = a, about
	e.Hint, _, _ = a.Words(about)
	return e
}

// InShell returns e in the words of the shell, whose user knows flags, but no body and
// no parameters.
func (e *Error) InShell() *Error {
	said := *e
	if _, shell, known := e.Advice.Words(e.About); known {
		said.Hint = shell
	}
	if rest, ok := strings.CutPrefix(e.Message, "the body "); ok {
		said.Message = "the request " + rest
	}
	if e.Advice == AllowNewRender {
		said.Fields = nil // it is a flag, which the hint names
		return &said
	}
	said.Fields = slices.Clone(e.Fields)
	for i, f := range said.Fields {
		if place, name, ok := strings.Cut(f.Name, "."); ok && (place == "query" || place == "header") {
			said.Fields[i].Name = "--" + strings.ReplaceAll(strings.ToLower(name), "_", "-")
		}
	}
	return &said
}
