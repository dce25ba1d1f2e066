package operate

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// Delete forgets jobs that have ended: a video with its file and all that
// belongs to it, an analysis, a notification, a task in asynq's archive.
func (j *Jobs) Delete(ctx context.Context, r ChangeRequest, by store.Actor) (Report, error) {
	return j.change(ctx, r, onlyFailed, undeletable, func(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome) error {
		byKind := map[store.JobKind][]Job{}
		for _, job := range list {
			byKind[job.key.Kind] = append(byKind[job.key.Kind], job)
		}
		for _, kind := range []store.JobKind{store.AnalysisJob, store.NotificationJob} {
			if err := j.deleteFailed(ctx, kind, byKind[kind], outcomes, by); err != nil {
				return err
			}
		}
		err := j.eachTask(ctx, byKind[archivedTask], outcomes, by, store.DeleteJob, func(id JobID) (string, error) {
			if _, _, err := j.letters.job(ctx, id); err != nil {
				return "", err
			}
			return "deleted", j.letters.delete(ctx, id)
		})
		if err != nil {
			return err
		}
		return each(ctx, byKind[store.VideoJob], outcomes, func(ctx context.Context, job Job) (note string, err error) {
			return j.deleteVideo(ctx, job, by)
		})
	})
}

func undeletable(j Job) string {
	rowOfVideo := j.key.Kind == store.AnalysisJob || j.key.Kind == store.NotificationJob
	switch {
	case j.State == store.JobWaiting, j.State == store.JobRunning:
		return stillAtWork
	case rowOfVideo && j.State != store.JobFailed:
		return notFailed
	}
	return ""
}

// deleteVideo forgets a video. Then it removes the video's files, to which
// nothing points any more. store:sweep removes what cannot be removed now.
func (j *Jobs) deleteVideo(ctx context.Context, job Job, by store.Actor) (note string, err error) {
	prefix, err := j.store.DeleteVideo(ctx, job.key.Row, by)
	switch {
	case err != nil:
		return "", err
	case prefix == "":
		return "deleted", nil
	case j.files(ctx, prefix) != nil:
		return "deleted; store:sweep will remove its files under " + prefix, nil
	}
	return "deleted with its files", nil
}

func (j *Jobs) deleteFailed(ctx context.Context, kind store.JobKind, list []Job, outcomes map[JobID]JobOutcome, by store.Actor) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(list))
	for i, job := range list {
		ids[i] = job.key.Row
		outcomes[job.key] = JobOutcome{Skipped: hasChanged}
	}
	deleted, err := j.store.DeleteFailed(ctx, kind, ids, by)
	for _, id := range deleted {
		outcomes[JobID{Kind: kind, Row: id}] = JobOutcome{Note: "deleted"}
	}
	return err
}
