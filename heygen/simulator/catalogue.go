package simulator

import (
	"fmt"
	"net/http"
)

// The account's catalogue: five avatars with one look each and a voice of their
// own, avatar_1 … avatar_5 and voice_1 … voice_5. Every other id is unknown.

// look is what may stand as avatar_id in a video.
type look struct {
	ID                   string   `json:"id"`
	GroupID              string   `json:"group_id"`
	Name                 string   `json:"name"`
	AvatarType           string   `json:"avatar_type"`
	Gender               string   `json:"gender"`
	DefaultVoiceID       string   `json:"default_voice_id"`
	ImageWidth           int      `json:"image_width"`
	ImageHeight          int      `json:"image_height"`
	PreferredOrientation string   `json:"preferred_orientation"`
	SupportedAPIEngines  []string `json:"supported_api_engines"`
	Tags                 []string `json:"tags"`
}

func (l look) photo() bool { return l.AvatarType == "photo_avatar" }

// group is an avatar: a character with its looks.
type group struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Gender         string `json:"gender"`
	DefaultVoiceID string `json:"default_voice_id"`
	LooksCount     int    `json:"looks_count"`
	CreatedAt      int64  `json:"created_at"`
}

type voice struct {
	VoiceID       string `json:"voice_id"`
	Name          string `json:"name"`
	Gender        string `json:"gender"`
	Language      string `json:"language"`
	Type          string `json:"type"`
	SupportLocale bool   `json:"support_locale"`
	SupportPause  bool   `json:"support_pause"`
}

// catalogueTime is when everything in the catalogue was made.
const catalogueTime = 1767225600 // 2026-01-01

var looks, groups, voices = catalogue()

func catalogue() (looks []look, groups []group, voices []voice) {
	people := []struct{ name, gender, kind, language string }{
		{"Maya", "female", "studio_avatar", "English"},
		{"Jonas", "male", "digital_twin", "English"},
		{"Amara", "female", "digital_twin", "French"},
		{"Kenji", "male", "photo_avatar", "Japanese"},
		{"Lucía", "female", "photo_avatar", "Spanish"},
	}
	for i, p := range people {
		groupID, voiceID := fmt.Sprintf("group_%d", i+1), fmt.Sprintf("voice_%d", i+1)
		looks = append(looks, look{
			ID: fmt.Sprintf("avatar_%d", i+1), GroupID: groupID, Name: p.name + " at the desk", AvatarType: p.kind, Gender: p.gender,
			DefaultVoiceID: voiceID, ImageWidth: 1920, ImageHeight: 1080, PreferredOrientation: "landscape",
			SupportedAPIEngines: []string{"avatar_v", "avatar_iv", "avatar_iii"}, Tags: []string{},
		})
		groups = append(groups, group{ID: groupID, Name: p.name, Gender: p.gender, DefaultVoiceID: voiceID, LooksCount: 1, CreatedAt: catalogueTime})
		voices = append(voices, voice{VoiceID: voiceID, Name: p.name, Gender: p.gender, Language: p.language, Type: "public", SupportLocale: true})
	}
	return looks, groups, voices
}

func findLook(id string) (look, bool) {
	for _, l := range looks {
		if l.ID == id {
			return l, true
		}
	}
	return look{}, false
}

func knownVoice(id string) bool {
	for _, v := range voices {
		if v.VoiceID == id {
			return true
		}
	}
	return false
}

func listAvatars(r *http.Request) answer {
	query := r.URL.Query()
	return paged(query, filter(groups, func(group) bool { return query.Get("ownership") != "private" }), 20, 50)
}

func listLooks(r *http.Request) answer {
	query := r.URL.Query()
	return paged(query, filter(looks, func(l look) bool {
		return query.Get("ownership") != "private" && agrees(query.Get("group_id"), l.GroupID) && agrees(query.Get("avatar_type"), l.AvatarType)
	}), 20, 50)
}

func listVoices(r *http.Request) answer {
	query := r.URL.Query()
	return paged(query, filter(voices, func(v voice) bool {
		return agrees(query.Get("type"), v.Type) && agrees(query.Get("language"), v.Language) &&
			agrees(query.Get("gender"), v.Gender) && agrees(query.Get("engine"), "starfish")
	}), 20, 100)
}

// agrees tells whether a filter lets a value through; an empty one lets all.
func agrees(wanted, value string) bool { return wanted == "" || wanted == value }

func filter[T any](all []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range all {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}
