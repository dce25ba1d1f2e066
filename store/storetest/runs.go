package storetest

import (
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// The moves below bring one new video to a place of the protocol and return the
// run that is under way there. They need a free slot among slots.
const slots = 1

// admitted is a queued video with a slot, and the claim of its create.
func (s *scene) admitted() store.Claim {
	s.Helper()
	id := s.create()
	claims := s.admit(slots)
	if len(claims) != 1 || claims[0].Video != id {
		s.Fatalf("admitted %v, want %s", claims, id)
	}
	return claims[0]
}

// sending is the first send of a key.
func (s *scene) sending() store.Run {
	s.Helper()
	return s.beginOne(store.Create, s.admitted())
}

// resending is a send of a key that was sent before, without an answer.
func (s *scene) resending() store.Run {
	s.Helper()
	s.end(store.Unclear(s.sending(), 0))
	return s.again(store.Create)
}

// looking is a look that follows a refused resend, too young to be proof.
func (s *scene) looking() store.Run {
	s.Helper()
	s.end(store.Refused(s.resending(), refusal, 0, nil))
	return s.again(store.Create)
}

// lookingSettled is the same when "not found" is proof.
func (s *scene) lookingSettled() store.Run {
	s.Helper()
	s.end(store.Refused(s.resending(), refusal, 0, nil))
	s.advance(store.DefaultTiming.Grace)
	return s.again(store.Create)
}

// lookingUnready is a settled look after a resend that met something unready.
func (s *scene) lookingUnready() store.Run {
	s.Helper()
	s.end(store.NotReady(s.resending(), refusal, 0))
	s.advance(store.DefaultTiming.Grace)
	return s.again(store.Create)
}

// lookingCancelled is a settled look because the user wants to cancel.
func (s *scene) lookingCancelled() store.Run {
	s.Helper()
	r := s.sending()
	s.cancel(r.Video)
	s.end(store.Unclear(r, 0))
	s.advance(store.DefaultTiming.Grace)
	return s.again(store.Create)
}

// lookingExpired is a settled look because the key is too old to be sent.
func (s *scene) lookingExpired() store.Run {
	s.Helper()
	s.end(store.Unclear(s.sending(), 0))
	s.advance(store.DefaultTiming.KeyLifetime)
	return s.again(store.Create)
}

// rendering is a video that HeyGen accepted; its first look is due.
func (s *scene) rendering() uuid.UUID {
	s.Helper()
	r := s.sending()
	s.end(store.Accepted(r, heygenID(r.Video), 0))
	return r.Video
}

func (s *scene) polling() store.Run {
	s.Helper()
	s.rendering()
	return s.again(store.Poll)
}

// pollingFailed watches a video that failed while HeyGen renders on.
func (s *scene) pollingFailed() store.Run {
	s.Helper()
	s.end(store.RenderTimedOut(s.polling(), 0))
	return s.again(store.Poll)
}

// pollingMissing watches a video that failed because HeyGen did not know its
// render; no slot is held.
func (s *scene) pollingMissing() store.Run {
	s.Helper()
	s.end(store.Missing(s.polling(), dead, 0))
	return s.again(store.Poll)
}

// pollingCancelled watches a video that was cancelled while HeyGen renders on.
func (s *scene) pollingCancelled() store.Run {
	s.Helper()
	s.cancel(s.rendering())
	return s.again(store.Poll)
}

func (s *scene) downloading() store.Run {
	s.Helper()
	ended := s.end(store.Rendered(s.polling()))
	return s.beginOne(store.Download, *ended.Next)
}

// completed is a video at its end.
func (s *scene) completed() uuid.UUID {
	s.Helper()
	r := s.downloading()
	s.end(store.Downloaded(r, prefix, file))
	return r.Video
}

// again claims and begins the one video that is due for a step.
func (s *scene) again(step store.Step) store.Run {
	s.Helper()
	return s.beginOne(step, s.claimOne(step))
}

func (s *scene) cancel(id uuid.UUID) store.Video {
	s.Helper()
	v, _, err := s.db.Cancel(s.ctx, store.Everyone(), id)
	s.must(err)
	return v
}

func (s *scene) hint(id uuid.UUID) {
	s.Helper()
	n, err := s.db.Hint(s.ctx, []store.Hint{{Video: id}})
	s.must(err)
	if n != 1 {
		s.Fatalf("the hint met %d rows, want 1", n)
	}
}

func heygenID(video uuid.UUID) string { return "hg-" + video.String() }

const prefix = "videos/1/1/"

var (
	refusal = store.Failure{Code: "invalid_parameter", Message: "no such avatar", Step: store.Create}
	dead    = store.Failure{Code: "rendering_failed", Message: "the avatar broke", Step: store.Poll}
	gaveUp  = store.Failure{Code: "unreachable", Message: "no answer", Step: store.Poll}
	file    = store.File{
		Bytes: 61_234, SHA256: "9f86d081", Duration: 4200 * time.Millisecond, Width: 1280, Height: 720,
		VideoCodec: "h264", AudioCodec: "aac", BitRate: 116_000, Thumbnail: true, Captions: true,
	}
)
