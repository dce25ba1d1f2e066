package store

import "time"

// This file is the table of outcomes of what HeyGen has accepted: what it says of
// a render, and what came of its file. end.go has the other half.

// StillRendering: HeyGen is not final. A render that was doubted, and may have
// lost its slot for it, has one again.
func StillRendering(r Run, nextLook time.Duration) End {
	end := Unanswered(r, nextLook)
	end.Doubt = ForgetDoubts
	if r.Doubts > 0 {
		end.TakeSlot, end.RenderAlive = true, true
	}
	return end
}

// Unanswered: HeyGen answered, and said nothing of this render. That says nothing
// about it either.
func Unanswered(r Run, nextLook time.Duration) End {
	end := stay(r, nextLook, ResetAttempts)
	end.DueOnHint, end.ClearHint = true, true
	return end
}

// InDoubt: HeyGen does not know the render, or heyq does not know HeyGen's word for it.
// That is not believed yet. With freeSlot the slot is given up, for nothing that
// HeyGen says holds it.
func InDoubt(r Run, nextLook time.Duration, freeSlot bool) End {
	end := Unanswered(r, nextLook)
	end.Doubt, end.FreeSlot = CountDoubt, freeSlot
	return end
}

// Missing: HeyGen has not known the render for so long that it is believed. The
// video fails and is still watched: one that HeyGen knows again is revived. A
// cancelled video stays cancelled.
func Missing(r Run, f Failure, nextLook time.Duration) End {
	end := RenderFailed(r, f)
	end.Doubt = CountDoubt
	end.Watch, end.Due, end.DueOnHint = r.State != Cancelled, nextLook, true
	return end
}

// RenderTimedOut: HeyGen is not final and the render deadline has passed. The
// video fails, and is still watched: HeyGen's slot is not free, and a render
// that completes after all is revived.
func RenderTimedOut(r Run, nextLook time.Duration) End {
	return TimedOut(r, StillRendering(r, nextLook))
}

// TimedOut is end, which keeps the row as it is, past the render deadline.
func TimedOut(r Run, end End) End {
	if r.State == Rendering {
		end.To, end.Watch = Failed, true
		end.Failure = &Failure{Code: "render_timeout", Message: "HeyGen did not finish the render in time; it is still watched, and revived if it completes", Step: Poll}
	}
	return end
}

// WrittenOff: HeyGen is not final long after the deadline; the slot is given up,
// and nothing is watched any more.
func WrittenOff(r Run) End {
	end := TimedOut(r, Unanswered(r, 0))
	end.FreeSlot, end.Watch = true, false
	return end
}

// Rendered: HeyGen completed it. A cancelled video stays cancelled; every
// other one is downloaded next.
func Rendered(r Run) End {
	end := End{Fence: r.Fence, To: Downloading, FreeSlot: true, Next: true, ClearHint: true, RenderAlive: true, Doubt: ForgetDoubts}
	if r.State == Cancelled {
		end.To, end.Next = Cancelled, false
	}
	return end
}

// RenderFailed: HeyGen says that it failed. A cancelled video stays cancelled.
func RenderFailed(r Run, f Failure) End {
	end := End{Fence: r.Fence, To: Failed, Failure: &f, FreeSlot: true, RenderDead: true, ClearHint: true}
	if r.State == Cancelled {
		end.To, end.Failure = Cancelled, nil
	}
	return end
}

// Downloaded: the files are checked and stand under prefix.
func Downloaded(r Run, prefix string, file File) End {
	return End{Fence: r.Fence, To: Completed, MediaPrefix: prefix, File: &file, Doubt: ForgetDoubts}
}

// Doubted: the file is whole and not as promised. It is kept under prefix until a
// person has looked at it, who accepts or rejects it.
func Doubted(r Run, prefix string, file File, why string) End {
	return End{
		Fence: r.Fence, To: Failed, Failure: &Failure{Code: NeedsReview, Message: why, Step: Download},
		MediaPrefix: prefix, File: &file,
	}
}

// StepFailed: try the step again after wait.
func StepFailed(r Run, wait time.Duration) End { return stay(r, wait, CountAttempt) }

// FileMissing: a download, and HeyGen does not know the video that it completed.
// That is not believed yet.
func FileMissing(r Run, wait time.Duration) End {
	end := StepFailed(r, wait)
	end.Doubt = CountDoubt
	return end
}

// FileLost: HeyGen has not known the completed video for so long that it is
// believed. It is still watched, and a retry pays nothing.
func FileLost(r Run, f Failure, nextLook time.Duration) End {
	return End{Fence: r.Fence, To: Failed, Failure: &f, Due: nextLook, Watch: true, Doubt: CountDoubt}
}
