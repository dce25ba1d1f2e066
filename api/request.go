package api

import (
	"errors"
	"slices"

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
	prepared, beyond := s.client.Prepare(v)
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
			_ = wrong.WithField(f.Name, f.Value, "%s", f.Message)
		}
	}
}

func isSource(field string) bool {
	return slices.Contains([]string{"script", "audio_url", "template_id", "heygen"}, field)
}
