package api

import (
	"errors"
	"slices"
	"time"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// prepare makes a video out of a parsed body. The error is a fault.Invalid that
// names every wrong field, whether its form is wrong (the shape's business) or
// its value (jobs').
func (s *server) prepare(parsed any) (store.NewVideo, error) {
	var v jobs.NewVideo
	misshapen := s.video.decode(parsed, &v)
	if misshapen == nil && !writable(v.NotBefore) {
		misshapen = fault.New(fault.Invalid, notReadable).
			WithField("not_before", v.NotBefore.Format(time.RFC3339), "is outside the years 1 to 9999 in UTC; give another date")
	}
	prepared, beyond := v.Prepare()
	if misshapen == nil {
		return prepared, beyond
	}
	wrong, ok := errors.AsType[*fault.Error](misshapen)
	if !ok {
		return prepared, misshapen
	}
	if _, isObject := parsed.(map[string]any); isObject {
		addBeyond(wrong, v, beyond)
	}
	return prepared, wrong
}

// writable reports whether a time can be written as JSON in UTC, and read by
// every database. One that cannot would spoil each listing that it is in.
func writable(t time.Time) bool {
	year := t.UTC().Year()
	return 1 <= year && year <= 9999
}

// addBeyond adds what jobs finds wrong with the readable rest of a video,
// without what only seems wrong because the unreadable fields were left out.
func addBeyond(wrong *fault.Error, v jobs.NewVideo, beyond error) {
	limits, ok := errors.AsType[*fault.Error](beyond)
	if !ok {
		return
	}
	told := make([]string, 0, len(wrong.Fields))
	for _, f := range wrong.Fields {
		told = append(told, topName(f.Name))
	}
	sourceless := v.Script == "" && v.AudioURL == "" && v.TemplateID == "" && v.HeyGen == nil
	if sourceless && slices.ContainsFunc(told, isSource) {
		told = append(told, "script") // it is not the source that is missing
	}
	for _, f := range limits.Fields {
		if !slices.Contains(told, topName(f.Name)) {
			wrong.Fields = append(wrong.Fields, f)
		}
	}
}

func isSource(field string) bool {
	return slices.Contains([]string{"script", "audio_url", "template_id", "heygen"}, field)
}
