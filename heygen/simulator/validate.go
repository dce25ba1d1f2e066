package simulator

import "math"

// The bodies that create a video, as HeyGen's published schema has them. What a
// table cannot say (one source of speech, ids that exist) is in create.go.

var (
	anyText = text(0, 0)
	id      = text(1, 0)
	script  = text(1, 5000)

	resolutions = word("4k", "1080p", "720p")
	aspects     = word("16:9", "9:16", "4:5", "5:4", "1:1", "auto")
)

// media is an image, a clip or a sound: by URL, uploaded before, or inline.
var media = tagged("type", map[string]fields{
	"url":      {"url": required(link)},
	"asset_id": {"asset_id": required(id)},
	"base64":   {"data": required(id), "media_type": required(id)},
})

var voiceSettings = strict(fields{
	"speed":  optional(number(0.5, 1.5)),
	"pitch":  optional(number(-50, 50)),
	"volume": optional(number(0, 1)),
	"locale": optional(anyText),
	"engine_settings": optional(tagged("engine_type", map[string]fields{
		"elevenlabs": {
			"model":             optional(word("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")),
			"similarity_boost":  optional(number(0, 1)),
			"stability":         optional(number(0, 1)),
			"style":             optional(number(0, 1)),
			"use_speaker_boost": optional(boolean),
		},
		"fish": {
			"model":      optional(word("s1", "s2-pro")),
			"similarity": optional(number(0, 1)),
			"stability":  optional(number(0, 1)),
		},
		"starfish": {},
	})),
})

var engine = tagged("type", map[string]fields{
	"avatar_v":   {"reference_look_id": optional(id)},
	"avatar_iv":  {},
	"avatar_iii": {},
})

var watermark = strict(fields{
	"image":   required(media),
	"opacity": optional(number(0, 1)),
	"scale":   optional(number(0, math.MaxFloat64)),
	"placement": optional(strict(fields{
		"offset_x": optional(number(-1, 1)),
		"offset_y": optional(number(-1, 1)),
		"position": optional(word("top_left", "top_right", "bottom_left", "bottom_right")),
	})),
})

var captions = strict(fields{"file_format": optional(word("srt")), "style": optional(word("default"))})

// speech is what every speaking subject takes.
var speech = fields{
	"script":         optional(script),
	"voice_id":       optional(id),
	"voice_settings": optional(voiceSettings),
	"audio_url":      optional(link),
	"audio_asset_id": optional(id),
}

// callbacks are taken by every type but cinematic_avatar.
var callbacks = fields{
	"callback_id":  optional(anyText),
	"callback_url": optional(link),
}

// performance is what avatar and image have in common. folder_id and
// brand_glossary_id are in HeyGen's documents, not in its older schema.
var performance = speech.with(callbacks).with(fields{
	"title":             optional(anyText),
	"resolution":        optional(resolutions),
	"aspect_ratio":      optional(aspects),
	"fit":               optional(word("contain", "cover")),
	"remove_background": optional(boolean),
	"background": optional(tagged("type", map[string]fields{
		"color": {"value": required(id)},
		"image": {"url": optional(link), "asset_id": optional(id)},
	})),
	"caption":           optional(captions),
	"output_format":     optional(word("mp4", "webm")),
	"motion_prompt":     optional(anyText),
	"expressiveness":    optional(word("high", "medium", "low")),
	"watermark":         optional(watermark),
	"folder_id":         optional(anyText),
	"brand_glossary_id": optional(anyText),
})

var scene = tagged("type", map[string]fields{
	"avatar_video": {"input": required(tagged("type", map[string]fields{
		"avatar": speech.with(fields{
			"avatar_id":      required(id),
			"background":     optional(tagged("type", map[string]fields{"color": {"color": required(id)}})),
			"engine":         optional(engine),
			"expressiveness": optional(word("high", "medium", "low")),
			"motion_prompt":  optional(anyText),
		}),
		"image": speech.with(fields{
			"image":          required(media),
			"expressiveness": optional(word("high", "medium", "low")),
			"motion_prompt":  optional(anyText),
		}),
	}))},
	"image": speech.with(fields{
		"source":   required(media),
		"duration": optional(number(math.SmallestNonzeroFloat64, 300)),
	}),
	"video": {
		"source":   required(media),
		"playback": optional(strict(fields{"mute": optional(boolean), "volume": optional(number(0, 1))})),
	},
})

// videoBody is the body of POST /v3/videos.
var videoBody = tagged("type", map[string]fields{
	"avatar": performance.with(fields{"avatar_id": required(id), "engine": optional(engine)}),
	"image":  performance.with(fields{"image": required(media)}),
	"cinematic_avatar": {
		"prompt":         required(id),
		"avatar_id":      required(items(1, 3, id)),
		"references":     optional(items(0, 12, media)),
		"duration":       optional(integer(4, 15)),
		"auto_duration":  optional(boolean),
		"enhance_prompt": optional(boolean),
		"aspect_ratio":   optional(word("16:9", "9:16", "1:1")),
		"resolution":     optional(word("720p", "1080p")),
		"title":          optional(anyText),
	},
	"studio": callbacks.with(fields{
		"scenes":       required(items(1, 50, scene)),
		"title":        optional(anyText),
		"caption":      optional(captions),
		"resolution":   optional(resolutions),
		"aspect_ratio": optional(aspects),
		"watermark":    optional(watermark),
	}),
})

// templateBody is the body of POST /v3/templates/{template_id}.
var templateBody = strict(callbacks.with(fields{
	"variables":                     required(anything),
	"title":                         optional(anyText),
	"caption":                       optional(boolean),
	"dimension":                     optional(strict(fields{"width": required(integer(128, 4096)), "height": required(integer(128, 4096))})),
	"fps":                           optional(number(25, 60)),
	"scene_ids":                     optional(items(1, 50, id)),
	"folder_id":                     optional(anyText),
	"brand_voice_id":                optional(anyText),
	"include_gif":                   optional(boolean),
	"enable_sharing":                optional(boolean),
	"reorder_music":                 optional(boolean),
	"keep_text_vertically_centered": optional(boolean),
	"subtitles": optional(strict(fields{
		"preset_name":       required(id),
		"alignment":         optional(integer(0, 9)),
		"disable_highlight": optional(boolean),
		"font_size":         optional(integer(1, 1000)),
		"position": optional(strict(fields{
			"x": optional(number(-math.MaxFloat64, math.MaxFloat64)),
			"y": optional(number(-math.MaxFloat64, math.MaxFloat64)),
		})),
	})),
}))
