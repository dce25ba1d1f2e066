package chaos

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/google/uuid"
)

// I1: every accepted request ended.
func (e evidence) everyVideoEnded() Invariant {
	i := Invariant{Name: "I1", Promise: "every video ended", Checked: count(len(e.rows), "video")}
	for id, v := range e.rows {
		final := v.State == "completed" || v.State == "failed" || v.State == "cancelled"
		switch p := e.promises[id]; {
		case !final || v.Open:
			i.breach(fmt.Sprintf("%s is %s", id, v.About))
		case v.State == "failed" && v.Failure == "":
			i.breach(fmt.Sprintf("%s failed without a reason", id))
		case p.cancelled && v.State == "completed":
			i.breach(fmt.Sprintf("%s is completed; its cancel had been answered", id))
		}
	}
	return i
}

// token is how a video's id and submission stand in a title at HeyGen.
var token = regexp.MustCompile(`\[heyq ([0-9a-f-]{36})\.([0-9]+)(?: [0-9a-f]{8})?\]`)

// I2: at most one paid render for each submission, and one for each video: no
// user asked for another.
func (e evidence) nothingBilledTwice() Invariant {
	i := Invariant{Name: "I2", Promise: "nothing was billed twice", Checked: count(len(e.ledger.Renders), "render")}
	billed := map[uuid.UUID]string{}
	for _, render := range e.ledger.Renders {
		if render.Abandoned { // it cannot be found any more, and costs nothing
			continue
		}
		match := token.FindStringSubmatch(render.Title)
		if match == nil {
			i.breach(fmt.Sprintf("render %s has no token: %q", render.VideoID, render.Title))
			continue
		}
		id := uuid.MustParse(match[1])
		submission, _ := strconv.Atoi(match[2]) // digits
		v, known := e.rows[id]
		switch before, twice := billed[id]; {
		case !known && e.forgave(id):
			continue
		case !known:
			i.breach(fmt.Sprintf("render %s is of %s, which does not exist", render.VideoID, id))
		case twice:
			i.breach(fmt.Sprintf("%s was billed under %s and again under %s", id, before, render.IdempotencyKey))
		case submission > v.Submission:
			i.breach(fmt.Sprintf("%s was billed for submission %d and has only %d", id, submission, v.Submission))
		case e.promises[id].unsent:
			i.breach(fmt.Sprintf("%s was billed after a cancel that said that nothing was sent", id))
		case v.HeyGenID != "" && v.HeyGenID != render.VideoID:
			i.breach(fmt.Sprintf("%s was billed as %s and knows itself as %s", id, render.VideoID, v.HeyGenID))
		}
		billed[id] = render.IdempotencyKey
	}
	return i
}

// I3: no promise was forgotten, no request made two videos, and each end was
// told.
func (e evidence) nothingLost() Invariant {
	i := Invariant{Name: "I3", Promise: "nothing was lost", Checked: count(len(e.promises), "promise") + ", " + count(len(e.told), "notification")}
	for id := range e.promises {
		if _, ok := e.rows[id]; !ok {
			i.breach(fmt.Sprintf("%s was promised and does not exist", id))
		}
	}
	for id := range e.rows {
		if _, ok := e.promises[id]; !ok {
			i.breach(fmt.Sprintf("%s exists and was never promised: a request made two videos", id))
		}
	}
	for id, v := range e.rows {
		if v.State != "" && e.told[id]["video."+v.State] == 0 {
			i.breach(fmt.Sprintf("%s is %s, and nobody was told", id, v.State))
		}
	}
	for _, wrong := range e.untrue {
		i.breach("a notification was not believed: " + wrong)
	}
	if len(e.promises)+len(e.forgiven) < e.o.Videos {
		i.breach(fmt.Sprintf("%d videos were asked for, %d promised", e.o.Videos, len(e.promises)))
	}
	for _, refusal := range e.refused {
		i.breach("a good request was refused: " + refusal)
	}
	return i
}

// forgave reports whether a database that was set back does not know the video.
func (e evidence) forgave(id uuid.UUID) bool {
	_, ok := e.forgiven[id]
	return ok
}

// I10: a video of which a user was told that it is completed is so in the end,
// whatever became of the machine. I4 looks at its file.
func (e evidence) toldIsThere() Invariant {
	i := Invariant{Name: "I10", Promise: "what was told of as completed is there"}
	told := 0
	for id, events := range e.told {
		if events["video.completed"] == 0 || e.forgave(id) {
			continue
		}
		told++
		if v := e.rows[id]; v.State != "completed" {
			i.breach(fmt.Sprintf("%s was told of as completed, and is %q", id, v.State))
		}
	}
	i.Checked = count(told, "video")
	return i
}

// I6: renders in flight never exceeded the cap, as HeyGen saw it, but for those that
// admission did not count.
func (e evidence) capHeld() Invariant {
	i := Invariant{Name: "I6", Promise: "the cap held", Checked: fmt.Sprintf("%d of %d in flight at most", e.ledger.MaxInFlight, e.o.Slots)}
	most := e.o.Slots + e.tape.uncounted(e.o.Slots)
	if e.o.WrittenOff {
		most += e.tape.writtenOff()
	}
	if e.ledger.MaxInFlight > most {
		i.breach(fmt.Sprintf("%d renders were in flight", e.ledger.MaxInFlight))
	}
	return i
}

func (e evidence) completedRows() (list []row) {
	for _, v := range e.rows {
		if v.State == "completed" {
			list = append(list, v)
		}
	}
	return list
}

func count(n int, noun string) string { return counted(n, noun, noun+"s") }

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
