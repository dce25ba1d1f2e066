package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// The answers that the documentation shows: one video's life.

var (
	exampleID = uuid.MustParse("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e")
	exampleAt = time.Date(2030, 12, 31, 9, 0, 0, 0, time.UTC)
)

func queuedExample() Video {
	return show(store.Video{
		ID: exampleID, Title: "Hello Ada", State: store.Queued, UserID: store.DefaultUser,
		Metadata: map[string]string{"customer": "4711"}, Submission: 1, CreatedAt: exampleAt,
	})
}

func completedExample() VideoDetails {
	after := func(s store.State, d time.Duration) Event { return Event{s, exampleAt.Add(d)} }
	v := VideoDetails{Video: queuedExample(), Timeline: []Event{
		after(store.Queued, 0), after(store.Submitting, time.Second), after(store.Rendering, 3*time.Second),
		after(store.Downloading, 8*time.Minute), after(store.Completed, 8*time.Minute+2*time.Second),
	}}
	heygenID, completedAt := "8f2b1c0d9e", v.Timeline[4].At
	v.State, v.HeyGenID, v.CompletedAt = store.Completed, &heygenID, &completedAt
	v.File = &File{
		Bytes: 1048576, DurationSeconds: 12.48, Width: 1920, Height: 1080,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
	return v
}

func notificationsExample() NotificationList {
	ended := completedExample().Timeline[4].At
	return NotificationList{[]Notification{showNotification(store.Notification{
		ID: uuid.MustParse("0199b3a7-c2d4-7b1e-8f60-4a5b6c7d8e9f"), VideoID: exampleID, Event: "video.completed",
		URL: "https://example.com/heyq", State: store.NotificationPending,
		CreatedAt: ended, DueAt: ended.Add(5 * time.Second), ExpiresAt: ended.Add(store.NotificationLife),
		Tries: []store.Try{{At: ended, Status: 503, Duration: 42 * time.Millisecond, Error: "it answered 503 Service Unavailable", Answer: "back in a minute"}},
	})}}
}

func listExample() VideoList {
	return VideoList{[]Video{completedExample().Video}, Pagination{Page: 1, PerPage: 50, Total: 1, TotalPages: 1}}
}

func batchExample() BatchAnswer {
	return BatchAnswer{[]BatchItem{
		{Index: 0, ID: &exampleID, State: store.Queued},
		{Index: 1, Error: &ItemError{Code: fault.Invalid, Message: "avatar_id: is missing; script needs it", Field: "avatar_id", Fields: []fault.Field{
			{Name: "avatar_id", Value: "", Message: "is missing; script needs it"},
		}}},
	}}
}

func cancelExample(was store.State) ChangedVideo {
	v := queuedExample()
	v.State = store.Cancelled
	_, message := cancelled(was, v.Submission)
	return ChangedVideo{v, message}
}

func retryExample() ChangedVideo {
	v := queuedExample()
	v.Submission++
	return ChangedVideo{v, retried(store.Video{Submission: 1, MayBeBilled: true}, store.Video{Submission: v.Submission})}
}

func resolveExample() ChangedVideo {
	v, id := queuedExample(), "3f2a9c41d07e4b6c8a5b1e9d2c7f6a08"
	v.State, v.HeyGenID = store.Rendering, &id
	return ChangedVideo{v, resolved(store.Resolution{Verdict: store.Adopt}, store.Video{HeyGenID: id})}
}

func readyExample(s HealthStatus, reason string) Readiness {
	well := Health{Status: Healthy, LatencyMS: 1.4}
	return Readiness{s, map[string]Health{
		"store": {s, reason, 1.4}, "redis": well, "heygen": well, "media": well, "dispatcher": well, "scheduler": well, "disk": well,
	}}
}

// problemExamples has one for every status that is documented as an error.
func problemExamples() []*Problem {
	invalid := newProblem(http.StatusUnprocessableEntity, notReadable, "")
	invalid.Errors = []*huma.ErrorDetail{{Message: "is missing; script needs it", Location: "body.avatar_id", Value: ""}}
	return []*Problem{
		newProblem(http.StatusBadRequest, "the body is no JSON: unexpected end of JSON input at byte 12", "send one JSON object, in UTF-8"),
		exampleOf(store.ErrNotFound(exampleID)),
		exampleOf(store.ErrNotEnded(exampleID, store.Rendering)),
		exampleOf(filesRemoved(exampleID, exampleAt)),
		exampleOf(tooLarge(maxBody)),
		invalid,
		newProblem(http.StatusInternalServerError, "heyq failed to answer", "its log names the cause beside request id 4711"),
		newProblem(http.StatusServiceUnavailable, "the database did not answer", "nothing is lost; try again in a moment"),
	}
}

func exampleOf(err error) *Problem {
	f, _ := errors.AsType[*fault.Error](err)
	return newProblem(statuses[f.Code], f.Message, f.Hint)
}
