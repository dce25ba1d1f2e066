package api

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

func showJob(j operate.Job) wire.Job {
	shown := wire.Job{
		ID: j.ID, Kind: j.Kind, Queue: string(j.Queue), State: j.State, Attempt: j.Attempt, At: timeOrNull(j.At),
		UserID: j.UserID, Title: j.Title,
	}
	if j.Failure != nil {
		shown.Failure = &wire.JobFailure{Code: j.Failure.Code, Message: j.Failure.Message}
	}
	if j.Way != "" {
		shown.GoesOn = &j.Way
	}
	if j.Video != uuid.Nil {
		id := j.Video.String()
		shown.VideoID = &id
	}
	return shown
}

// placeOf reads where a call goes on, and how many jobs it looks at.
func placeOf(p wire.JobPlace) (limit int, after store.JobMark, err error) {
	after, err = parseMark(p.After)
	return cmp.Or(p.Limit, wire.MaxJobs), after, err
}

// markOf writes a place in a listing for the caller to give back.
func markOf(m store.JobMark) *string {
	if m.IsZero() {
		return nil
	}
	mark := fmt.Sprintf("%d.%s", m.At.UnixMicro(), m.ID)
	return &mark
}

func parseMark(text string) (store.JobMark, error) {
	if text == "" {
		return store.JobMark{}, nil
	}
	at, id, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err == nil {
		var m store.JobMark
		if m.ID, err = uuid.Parse(id); err == nil {
			m.At = time.UnixMicro(micros).UTC()
			return m, nil
		}
	}
	return store.JobMark{}, fault.New(fault.Invalid, "this is no place to go on from").
		WithField("after", text, "is not the next of an earlier call; leave it out to begin at the newest")
}

// showBill rounds to a hundredth of a cent.
func showBill(b wire.Bill) wire.Bill {
	b.USD = math.Round(b.USD*1e4) / 1e4
	return b
}

func showGroups(list []operate.JobGroup) []wire.JobGroup {
	shown := make([]wire.JobGroup, len(list))
	for i, g := range list {
		shown[i] = wire.JobGroup{Queue: string(g.Queue), Kind: g.Kind, Error: g.Code, GoesOn: g.Way, Skipped: g.Skipped, Jobs: g.Jobs}
	}
	return shown
}

func showChanged(r operate.Report) wire.ChangedJobs {
	shown := wire.ChangedJobs{
		DryRun: r.DryRun, Done: r.Done, Skipped: r.Skipped, Groups: showGroups(r.Groups),
		Jobs: make([]wire.JobOutcome, len(r.Jobs)), Next: markOf(r.Next), Missing: missing(r.Missing),
	}
	for i, o := range r.Jobs {
		shown.Jobs[i] = wire.JobOutcome{ID: o.ID, GoesOn: o.Way, Note: o.Note, Skipped: o.Skipped}
	}
	return shown
}

// missing says in a word why something is left out of an answer.
func missing(err error) string {
	if err == nil {
		return ""
	}
	return "Redis did not answer; what is in asynq's archive is not here"
}

// What the documentation shows of jobs: downloads that failed in a night.

const taskExampleID = "task:maintenance:4711"

func expiredExample() operate.Job {
	return operate.Job{
		ID: exampleID.String(), Kind: jobs.VideoDownload.Name, Queue: jobs.DownloadQueue, State: store.JobFailed, Attempt: 5,
		At: exampleAt.Add(10 * time.Minute), Way: store.WayResume, Video: exampleID, UserID: store.DefaultUser, Title: "Hello Ada",
		Failure: &store.Failure{Code: "link_expired", Message: "each link that HeyGen gave had expired"},
	}
}

func expiredGroups(n int) []wire.JobGroup {
	j := expiredExample()
	return showGroups([]operate.JobGroup{{Queue: j.Queue, Kind: j.Kind, Code: j.Failure.Code, Way: j.Way, Jobs: n}})
}
