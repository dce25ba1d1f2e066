package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
)

// createExamples are the bodies that the documentation of a creation shows: one
// for each kind of source.
func createExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"avatar": {Summary: "An avatar says a script", Value: jobs.NewVideo{
			Title:  "Hello Ada",
			Render: jobs.Render{Script: "Hello Ada! Welcome aboard.", AvatarID: "avatar_1", VoiceID: "voice_1"},
		}},
		"template": {Summary: "A template with variables, at night", Value: jobs.NewVideo{
			Title: "Welcome, Ada", Priority: -5,
			NotBefore: time.Date(2030, 12, 31, 22, 0, 0, 0, time.UTC),
			Metadata:  map[string]string{"customer": "4711"},
			Render:    jobs.Render{TemplateID: "template_1", Variables: map[string]any{"name": "Ada", "company": "Analytical Engines"}},
		}},
		"recording": {Summary: "An avatar speaks a recording", Value: jobs.NewVideo{
			Title:  "Recorded greeting",
			Render: jobs.Render{AudioURL: "https://example.com/greeting.mp3", AvatarID: "avatar_1", Resolution: "1080p", AspectRatio: "9:16"},
		}},
		"heygen": {Summary: "A body of HeyGen's own, passed through", Value: jobs.NewVideo{
			Title: "A picture speaks",
			Render: jobs.Render{HeyGen: map[string]any{
				"type": "image", "image": map[string]any{"type": "url", "url": "https://example.com/ada.jpg"},
				"script": "Hello!", "voice_id": "voice_1",
			}},
		}},
	}
}

func batchExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"two": {Summary: "Two videos", Value: Batch{Videos: []jobs.NewVideo{
			{Title: "Hello Ada", Render: jobs.Render{Script: "Hello Ada!", AvatarID: "avatar_1", VoiceID: "voice_1"}},
			{Title: "Hello Alan", Render: jobs.Render{Script: "Hello Alan!", AvatarID: "avatar_2", VoiceID: "voice_2"}},
		}}},
	}
}

func resolveExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"adopt":    {Summary: "HeyGen has this render of it", Value: ResolveRequest{Verdict: "adopt", HeyGenID: "3f2a9c41d07e4b6c8a5b1e9d2c7f6a08"}},
		"resubmit": {Summary: "Render again, whatever it costs", Value: ResolveRequest{Verdict: "resubmit"}},
		"give_up":  {Summary: "Leave it failed", Value: ResolveRequest{Verdict: "give_up"}},
		"accept":   {Summary: "The film will do", Value: ResolveRequest{Verdict: "accept"}},
		"reject":   {Summary: "The film is of no use", Value: ResolveRequest{Verdict: "reject"}},
	}
}

func redeliverExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"failed": {Summary: "Every one that was given up since a receiver broke", Value: RedeliverRequest{Failed: true, Since: exampleAt}},
		"video":  {Summary: "Those of one video", Value: RedeliverRequest{VideoID: exampleID.String()}},
	}
}

func retryExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"resume": {Summary: "Only if it pays nothing, or nothing was billed", Value: RetryRequest{}},
		"again":  {Summary: "Even if it is billed again", Value: RetryRequest{NewRender: true}},
	}
}
