// Package stats counts every operation of this process on something outside of
// it: a statement, an HTTP request, a Redis command, a file that is published.
//
// The edges (hooks of the libraries, put in by app) tell a Recorder what they
// did. It keeps a histogram of each name and outcome, of which everything else
// is made: summaries for people (Summary), Prometheus' histograms (Collector),
// and what this process shows the others through Redis (Shared). A quantile of
// all processes is one of their merged histograms, not a mean of quantiles.
//
// It knows nothing of what it counts. Whether an error is a failure is for the
// edge to say, which knows what an answer is.
package stats
