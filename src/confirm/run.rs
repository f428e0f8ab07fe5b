//! Asks. One loop decides everything, and threads only carry requests: at most one for a host and [`N_THREADS`] in all. So the verdicts depend on the
//! answers and not on who comes first. The threads are left alone when the loop ends early: nobody waits for an answer that is not wanted any more.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::client::{Client, Exchange, Trouble};
use super::control::{self, Control};
use super::facts;
use super::judge::judge;
use super::pace::{self, BUDGET, Lane, N_TRIES};
use super::question::{Plan, Question, plan};
use super::request::Request;
use super::{Options, Summary};
use crate::finding::Finding;
use crate::rule::draw::Draws;
use crate::verdict::{Confirmation, Verdict};

/// Requests that are under way at the same time.
const N_THREADS: usize = 16;
/// How often the loop looks whether it is over.
const GLANCE: Duration = Duration::from_millis(50);

/// Asks about `findings` and writes the answers into them.
pub fn run(findings: &mut [Finding], options: &Options, is_over: &AtomicBool) -> Summary {
    let Plan { questions, unasked } = plan(findings, options);
    let mut summary = Summary { n_keys: questions.len(), n_unasked: unasked.len(), ..Summary::default() };
    for unasked in unasked {
        summary.n_beyond_max += usize::from(unasked.is_beyond_max);
        findings[unasked.finding].confirmation = Confirmation { verdict: unasked.verdict, ..Confirmation::unchecked(unasked.reason) };
    }
    options.progress.n_keys.store(questions.len(), Ordering::Relaxed);
    let mut loops = Loop::new(questions, options);
    if !loops.questions.is_empty() {
        match Client::new(options.timeout) {
            Ok(client) => loops.run(client, is_over),
            Err(why) => loops.answers.fill(Some(Confirmation { verdict: Verdict::Unknown, ..Confirmation::unchecked(why) })),
        }
    }
    summary.n_requests = loops.n_requests;
    for (question, answer) in loops.questions.iter().zip(loops.answers) {
        summary.is_interrupted |= answer.is_none();
        let answer = answer.unwrap_or_else(|| Confirmation::unchecked("interrupted"));
        question.findings.iter().for_each(|&at| findings[at].confirmation = answer.clone());
    }
    summary
}

/// A request to be sent, perhaps again.
#[derive(Clone, Debug)]
struct Job {
    /// The place of its question.
    question: usize,
    /// The place of the request among the question's.
    step: usize,
    /// Whether a random key goes along in place of the question's.
    is_control: bool,
    /// How often it was sent.
    n_tries: u32,
    /// When it was sent first.
    first_sent: Option<Instant>,
}

impl Job {
    const fn new(question: usize, step: usize) -> Self {
        Self { question, step, is_control: false, n_tries: 0, first_sent: None }
    }
}

/// What a thread brings back.
struct Done {
    job: Job,
    host: String,
    result: Result<Exchange, Trouble>,
}

/// A host, and what waits for it.
struct Host {
    lane: Lane,
    waiting: VecDeque<Job>,
    is_busy: bool,
}

/// What is known of an endpoint's control.
enum Controlled {
    /// It is under way; these answers wait for it.
    Waiting(Vec<(Job, Confirmation)>),
    /// It is over.
    Over(Control),
}

/// A rule's id and a URL.
type Endpoint = (&'static str, String);

struct Loop {
    questions: Vec<Question>,
    answers: Vec<Option<Confirmation>>,
    /// What earlier hosts of a question said: each refused the key.
    refusals: Vec<Vec<Confirmation>>,
    hosts: BTreeMap<String, Host>,
    controls: BTreeMap<Endpoint, Controlled>,
    draws: Draws,
    rate: f64,
    budget: Duration,
    has_control: bool,
    n_requests: usize,
    n_under_way: usize,
    progress: Arc<super::Progress>,
}

impl Loop {
    fn new(questions: Vec<Question>, options: &Options) -> Self {
        let n = questions.len();
        Self {
            answers: vec![None; n],
            refusals: vec![Vec::new(); n],
            questions,
            hosts: BTreeMap::new(),
            controls: BTreeMap::new(),
            draws: control::draws(),
            rate: options.rate,
            budget: options.timeout * BUDGET,
            has_control: options.has_control,
            n_requests: 0,
            n_under_way: 0,
            progress: Arc::clone(&options.progress),
        }
    }

    fn run(&mut self, client: Client, is_over: &AtomicBool) {
        let client = Arc::new(client);
        let (sender, receiver) = mpsc::channel();
        (0..self.questions.len()).for_each(|question| self.queue(Job::new(question, 0), false));
        while self.answers.iter().any(Option::is_none) && !is_over.load(Ordering::Acquire) {
            self.dispatch(&client, &sender);
            self.receive(&receiver);
        }
        // A client ends when its name lookups have, and some resolvers take minutes.
        thread::spawn(move || drop(client));
    }

    /// Puts a job where its host's jobs wait, at the front or behind them.
    fn queue(&mut self, job: Job, is_next: bool) {
        let (rate, name) = (self.rate, self.request(&job).host.clone());
        let host = self.hosts.entry(name).or_insert_with(|| Host { lane: Lane::new(rate, Instant::now()), waiting: VecDeque::new(), is_busy: false });
        if is_next { host.waiting.push_front(job) } else { host.waiting.push_back(job) }
    }

    fn request(&self, job: &Job) -> &Request {
        &self.questions[job.question].requests[job.step]
    }

    /// Starts what may be asked now.
    fn dispatch(&mut self, client: &Arc<Client>, sender: &Sender<Done>) {
        let names: Vec<String> = self.hosts.keys().cloned().collect();
        for name in names {
            while let Some(job) = self.next(&name) {
                let now = Instant::now();
                if self.hosts[&name].lane.is_broken() {
                    self.give_up(job, "its host failed five times in a row and is not asked again", None);
                } else if self.hosts[&name].lane.held_until() > now + self.budget {
                    let seconds = (self.hosts[&name].lane.held_until() - now).as_secs();
                    self.give_up(job, &format!("its host wants no requests for {seconds} seconds"), None);
                } else {
                    self.send(job, name.clone(), client, sender);
                }
            }
        }
    }

    /// The next job of a host whose turn has come, or that never gets one.
    fn next(&mut self, name: &str) -> Option<Job> {
        let (budget, is_full) = (self.budget, self.n_under_way >= N_THREADS);
        let host = self.hosts.get_mut(name)?;
        let now = Instant::now();
        let is_lost = host.lane.is_broken() || host.lane.held_until() > now + budget;
        let is_due = !is_full && host.lane.next_at() <= now;
        if host.is_busy || !(is_lost || is_due) { None } else { host.waiting.pop_front() }
    }

    fn send(&mut self, mut job: Job, name: String, client: &Arc<Client>, sender: &Sender<Done>) {
        let now = Instant::now();
        job.n_tries += 1;
        job.first_sent.get_or_insert(now);
        let question = &self.questions[job.question];
        let mut request = question.requests[job.step].clone();
        if job.is_control {
            request = request.about(control::key(question.rule, &mut self.draws));
        }
        let host = self.hosts.get_mut(&name).expect("jobs wait only at hosts that are there");
        host.is_busy = true;
        host.lane.sent(now);
        self.n_requests += 1;
        self.n_under_way += 1;
        let (client, sender) = (Arc::clone(client), sender.clone());
        thread::spawn(move || {
            // A library that panics is a request without an answer, and no reason to wait for ever.
            let result = panic::catch_unwind(AssertUnwindSafe(|| client.send(&request))).unwrap_or(Err(Trouble::Broken));
            // Nobody listens to a thread that comes too late.
            drop(sender.send(Done { job, host: name, result }));
        });
    }

    /// Waits for an answer, or until somebody's turn comes.
    fn receive(&mut self, receiver: &Receiver<Done>) {
        let now = Instant::now();
        let waiting = self.hosts.values().filter(|host| !host.is_busy && !host.waiting.is_empty());
        let next = waiting.map(|host| host.lane.next_at().saturating_duration_since(now)).min();
        // With all threads under way nobody's turn comes before an answer does.
        let next = next.filter(|_| self.n_under_way < N_THREADS).unwrap_or(GLANCE);
        match receiver.recv_timeout(next.clamp(Duration::from_millis(1), GLANCE)) {
            Ok(done) => self.done(done),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    fn done(&mut self, Done { job, host, result }: Done) {
        self.n_under_way -= 1;
        let host = self.hosts.get_mut(&host).expect("it was asked");
        host.is_busy = false;
        let is_failure = result.as_ref().is_err_and(Trouble::is_of_network);
        if is_failure {
            host.lane.failed()
        } else {
            host.lane.answered()
        }
        match result {
            Ok(exchange) => self.answered(job, &exchange),
            Err(trouble) if trouble.is_passing() => self.retry(job, None, &trouble.text(), trouble.status()),
            Err(trouble) => self.give_up(job, &trouble.text(), trouble.status()),
        }
    }

    fn answered(&mut self, job: Job, exchange: &Exchange) {
        let reply = &exchange.reply;
        let (now, pause) = (Instant::now(), pace::demanded(reply, Timestamp::now()));
        if let Some(pause) = pause {
            let name = self.request(&job).host.clone();
            self.hosts.get_mut(&name).expect("it was asked").lane.hold(now, pause);
        }
        let question = &self.questions[job.question];
        let mut confirmation = judge(&question.confirm, reply);
        let is_passing = matches!(reply.status, 408 | 425 | 429 | 500..=599);
        if confirmation.verdict == Verdict::Unknown && is_passing {
            let reason = confirmation.reason.unwrap_or_default();
            return self.retry(job, pause, &reason, Some(reply.status));
        }
        if job.is_control {
            return self.controlled(&job, Control::Answered(confirmation.verdict));
        }
        facts::keep_secret(&mut confirmation, &question.secret);
        confirmation.host = Some(question.requests[job.step].host.clone());
        self.judged(job, confirmation);
    }

    /// Tries again, if it was not tried often enough and there is time; `pause` is what the host demands.
    fn retry(&mut self, job: Job, pause: Option<Duration>, reason: &str, status: Option<u16>) {
        let now = Instant::now();
        let own = pace::backoff(job.n_tries, &mut self.draws);
        let pause = pause.map_or(own, |demanded| demanded.max(own));
        let is_in_time = job.first_sent.is_none_or(|start| pause <= (start + self.budget).saturating_duration_since(now));
        let name = self.request(&job).host.clone();
        let host = self.hosts.get_mut(&name).expect("it was asked");
        if job.n_tries < N_TRIES && is_in_time && !host.lane.is_broken() {
            host.lane.hold(now, pause);
            return self.queue(job, true);
        }
        let reason = if is_in_time { reason.to_owned() } else { format!("{reason}; it wants no other try for {} seconds", pause.as_secs()) };
        self.give_up(job, &reason, status);
    }

    /// There is no answer to a job.
    fn give_up(&mut self, job: Job, reason: &str, status: Option<u16>) {
        if job.is_control {
            return self.controlled(&job, Control::Failed);
        }
        let host = Some(self.request(&job).host.clone());
        self.judged(job, Confirmation { verdict: Verdict::Unknown, reason: Some(reason.to_owned()), status, host, facts: Vec::new() });
    }

    /// What a host says is known; whether it can be believed perhaps not yet.
    fn judged(&mut self, job: Job, confirmation: Confirmation) {
        if !self.has_control || !control::needs_control(confirmation.verdict) {
            return self.believed(&job, confirmation);
        }
        let endpoint = self.endpoint(&job);
        match self.controls.get_mut(&endpoint) {
            Some(Controlled::Over(control)) => {
                let confirmation = control.judge(confirmation);
                self.believed(&job, confirmation);
            }
            Some(Controlled::Waiting(waiting)) => waiting.push((job, confirmation)),
            None => {
                let control = Job { is_control: true, ..Job::new(job.question, job.step) };
                self.controls.insert(endpoint, Controlled::Waiting(vec![(job, confirmation)]));
                self.queue(control, true);
            }
        }
    }

    fn endpoint(&self, job: &Job) -> Endpoint {
        (self.questions[job.question].rule.id, self.request(job).url.clone())
    }

    fn controlled(&mut self, job: &Job, control: Control) {
        let endpoint = self.endpoint(job);
        if let Some(Controlled::Waiting(waiting)) = self.controls.insert(endpoint, Controlled::Over(control)) {
            for (job, confirmation) in waiting {
                self.believed(&job, control.judge(confirmation));
            }
        }
    }

    /// What a host says, to be put together with what others say.
    fn believed(&mut self, job: &Job, confirmation: Confirmation) {
        let question = &self.questions[job.question];
        let refusals = &mut self.refusals[job.question];
        if confirmation.verdict == Verdict::Invalid && job.step + 1 < question.requests.len() {
            refusals.push(confirmation);
            return self.queue(Job::new(job.question, job.step + 1), false);
        }
        let refusals = std::mem::take(refusals);
        let answer = together(refusals, confirmation, question.needs_all_hosts);
        self.answers[job.question] = Some(answer);
        self.progress.n_done.fetch_add(1, Ordering::Relaxed);
    }
}

/// What all hosts of a key say together: `last`, after each of `refusals` said that it is invalid.
fn together(mut refusals: Vec<Confirmation>, last: Confirmation, needs_all_hosts: bool) -> Confirmation {
    let hosts: Vec<&str> = refusals.iter().filter_map(|refusal| refusal.host.as_deref()).collect();
    let reason = last.reason.as_deref().unwrap_or("no reason");
    match last.verdict {
        Verdict::Unknown if !refusals.is_empty() && needs_all_hosts => {
            let reason = format!("{} refuses it, and {} says nothing: {reason}", hosts.join(" and "), last.host.as_deref().unwrap_or("another host"));
            Confirmation { reason: Some(reason), ..last }
        }
        Verdict::Unknown if !refusals.is_empty() => refusals.swap_remove(0),
        Verdict::Invalid if !refusals.is_empty() => {
            let reason = format!("{reason}; {} refuses it too", hosts.join(" and "));
            Confirmation { reason: Some(reason), ..last }
        }
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Verdict, host: &str, reason: &str) -> Confirmation {
        Confirmation { verdict, host: Some(host.to_owned()), reason: Some(reason.to_owned()), ..Confirmation::default() }
    }

    #[test]
    fn hosts_are_put_together() {
        use Verdict::{Invalid, Live, Unknown};
        for (last, needs_all, expected) in
            [(Live, true, Live), (Invalid, true, Invalid), (Unknown, true, Unknown), (Unknown, false, Invalid), (Live, false, Live)]
        {
            let answer = together(vec![said(Invalid, "a.example", "revoked")], said(last, "b.example", "odd"), needs_all);
            assert_eq!(answer.verdict, expected, "{last:?} {needs_all}");
            let names_both = answer.reason.is_some_and(|reason| reason.contains("a.example") && reason.contains("odd"));
            assert_eq!(names_both, needs_all && last != Live, "{last:?}");
        }
        assert_eq!(together(Vec::new(), said(Unknown, "a.example", "odd"), false).verdict, Unknown);
    }
}
