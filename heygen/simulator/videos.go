package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// video is a VideoDetail. Links and times are there once they exist.
type video struct {
	ID           string  `json:"id"`
	Status       string  `json:"status"`
	Title        string  `json:"title,omitempty"`
	FolderID     string  `json:"folder_id,omitempty"`
	CreatedAt    int64   `json:"created_at"`
	CompletedAt  int64   `json:"completed_at,omitempty"`
	Duration     float64 `json:"duration,omitempty"` // seconds
	VideoURL     string  `json:"video_url,omitempty"`
	ThumbnailURL string  `json:"thumbnail_url,omitempty"`
	SubtitleURL  string  `json:"subtitle_url,omitempty"`
	CaptionedURL string  `json:"captioned_video_url,omitempty"`
	VideoPageURL string  `json:"video_page_url,omitempty"`

	FailureCode    string `json:"failure_code,omitempty"`
	FailureMessage string `json:"failure_message,omitempty"`
}

// outline is what is known of a video before it is completed.
func outline(v *render, status string) video {
	return video{ID: v.ID, Status: status, Title: v.Title, FolderID: v.Folder, CreatedAt: v.CreatedMS / 1000}
}

// detail is the whole answer, with links minted at now.
func (s *Simulator) detail(r *http.Request, v *render, now time.Time) video {
	d := outline(v, v.status(now))
	if d.Status == failed {
		d.FailureCode, d.FailureMessage = v.failure()
	}
	if d.Status != completed {
		return d
	}
	mint := s.minter(r, v, now)
	d.CompletedAt = v.ReadyMS / 1000
	d.Duration = clipSeconds
	d.VideoURL = mint(videoFile)
	d.VideoPageURL = "https://app.heygen.com/videos/" + v.ID
	if v.Burned { // it is what was asked for, and not beside it
		d.CaptionedURL = mint(captionedFile)
	}
	if s.opts.Plain {
		return d
	}
	d.ThumbnailURL = mint(thumbnailFile)
	if v.Script != "" {
		d.SubtitleURL = mint(captionsFile)
	}
	return d
}

func noVideo(id string) *problem {
	return notFound("video_not_found", fmt.Sprintf("Video %s not found.", id))
}

func (s *Simulator) getVideo(r *http.Request) answer {
	v, ok := s.state.render(r.PathValue("video_id"))
	if !ok {
		return noVideo(r.PathValue("video_id")).answer()
	}
	now := s.opts.Clock()
	if !s.calm(r) {
		if a, odd := s.getVideoOddly(r, v, now); odd {
			return a
		}
	}
	return success(s.detail(r, v, now))
}

// deleteVideo removes a video and its files for good, and frees its slot. What
// was billed stays billed.
func (s *Simulator) deleteVideo(r *http.Request) answer {
	id := r.PathValue("video_id")
	return s.change(func(st *state, _ time.Time) (*record, answer) {
		if _, ok := st.renders[id]; !ok {
			return nil, noVideo(id).answer()
		}
		return &record{Deleted: id}, success(struct {
			ID      string `json:"id"`
			Deleted bool   `json:"deleted"`
		}{id, true})
	})
}

// listVideos pages through the videos, newest first. The cursor is a place in
// the order of acceptance, so new videos do not shift a page.
func (s *Simulator) listVideos(r *http.Request) answer {
	query := r.URL.Query()
	limit, p := pageSize(query, 10, 100)
	if p != nil {
		return p.answer()
	}
	all := s.state.accepted()
	next, p := pageStart(query, len(all))
	if p != nil {
		return p.answer()
	}

	now := s.opts.Clock()
	youngest, broken := s.spoilList(r, now)
	if broken != nil {
		return *broken
	}
	title, folder := query.Get("title"), query.Get("folder_id")
	page := make([]video, 0, limit)
	for seq := next - 1; seq >= 0; seq-- {
		v := all[seq]
		if v.gone.Load() || !strings.Contains(v.Title, title) || folder != "" && v.Folder != folder || v.CreatedMS > youngest {
			continue
		}
		if len(page) == limit {
			return list(page, cursor(seq+1))
		}
		page = append(page, s.detail(r, v, now))
	}
	return list(page, "")
}

// listStatuses answers up to 100 ids in the order asked. It has a vocabulary of
// its own: queued for pending, not_found for an id that is not there.
func (s *Simulator) listStatuses(r *http.Request) answer {
	type reason struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	type status struct {
		VideoID string  `json:"video_id,omitempty"`
		BatchID string  `json:"batch_id,omitempty"`
		Status  string  `json:"status"`
		Error   *reason `json:"error,omitempty"`
	}
	videoIDs, batchIDs := commaList(r, "video_ids"), commaList(r, "batch_ids")
	switch n := len(videoIDs) + len(batchIDs); {
	case n == 0:
		return invalid("video_ids", "At least one of video_ids and batch_ids is required.").answer()
	case n > 100:
		return invalid("video_ids", "At most 100 ids are allowed per request.").answer()
	}

	calm := s.calm(r)
	if !calm && s.bulkFails(r) {
		return internalError().answer()
	}
	now := s.opts.Clock()
	statuses := make([]status, 0, len(videoIDs)+len(batchIDs))
	for i, v := range s.state.find(videoIDs) {
		item := status{VideoID: videoIDs[i], Status: "not_found"}
		switch {
		case v == nil:
		case calm:
			item.Status = bulkWord(v.status(now))
		default:
			item.Status = s.oddStatus(r, v, now)
		}
		if item.Status == "" {
			continue
		}
		if item.Status == failed {
			code, message := v.failure()
			item.Error = &reason{code, message}
		}
		statuses = append(statuses, item)
	}
	for _, id := range batchIDs { // nothing makes batches here
		statuses = append(statuses, status{BatchID: id, Status: "not_found"})
	}
	return list(statuses, "")
}

func bulkWord(status string) string {
	if status == pending {
		return "queued"
	}
	return status
}

// find returns the render of each id, nil if there is none.
func (st *state) find(ids []string) []*render {
	st.mu.Lock()
	defer st.mu.Unlock()
	found := make([]*render, len(ids))
	for i, id := range ids {
		found[i] = st.renders[id]
	}
	return found
}

func commaList(r *http.Request, name string) []string {
	var all []string
	for part := range strings.SplitSeq(r.URL.Query().Get(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
