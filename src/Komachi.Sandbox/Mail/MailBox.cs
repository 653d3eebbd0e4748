namespace Komachi.Sandbox.Mail;

/// <summary>A mail as it came, byte for byte, with the little that lists show of it.</summary>
public sealed class KeptMail
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>The envelope's sender; empty for a bounce.</summary>
    public required string From { get; init; }

    /// <summary>The envelope's recipients: whom it really went to, whatever the header says.</summary>
    public required string[] To { get; init; }

    public required byte[] Raw { get; init; }
    public required string Subject { get; init; }
    public required string HeaderFrom { get; init; }
    public required string? MessageId { get; init; }

    public Remark SubjectShown => Subject.Length > 0 ? new("{0}", Subject) : new("(no subject)");
    public Remark ForWhom => To.Length == 1 ? new("{0}", To[0]) : new("{0} and {1} more", To[0], To.Length - 1);

    /// <summary>Everything else is read when somebody looks.</summary>
    public MailContent Read() => MailContent.Read(Raw);
}

/// <summary>Which mails: by recipient, by a part of the subject, newer than one that is known.</summary>
sealed record MailQuery(string? To = null, string? Subject = null, long After = 0, long Before = long.MaxValue)
{
    /// <summary>A whole address matches only itself, so that two tests do not read each other's mail; anything else matches as a part.</summary>
    public bool Matches(KeptMail mail) =>
        mail.Id > After && mail.Id < Before &&
        (string.IsNullOrEmpty(To) || mail.To.Any(IsTo)) &&
        (string.IsNullOrEmpty(Subject) || mail.Subject.Contains(Subject, StringComparison.OrdinalIgnoreCase));

    bool IsTo(string address) =>
        To!.IndexOf('@') > 0
            ? address.Equals(To, StringComparison.OrdinalIgnoreCase)
            : address.Contains(To, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Everybody's mailbox: the newest mails, at most so many and so many bytes; the oldest make room.</summary>
sealed class MailBox(int most, long mostBytes, TimeProvider time)
{
    readonly Lock _lock = new();
    readonly LinkedList<KeptMail> _oldestFirst = [];
    readonly Dictionary<long, LinkedListNode<KeptMail>> _byId = [];
    readonly Arrivals _arrivals = new(time);
    long _last, _bytes;

    /// <summary>How many ever came.</summary>
    public long Total
    {
        get { lock (_lock) return _last; }
    }

    public int Kept
    {
        get { lock (_lock) return _oldestFirst.Count; }
    }

    public KeptMail Add(string from, string[] to, byte[] raw, DateTimeOffset at)
    {
        var headers = MailHeaders.Read(raw, out _, null);
        KeptMail mail;
        lock (_lock)
        {
            mail = new KeptMail
            {
                Id = ++_last,
                At = at,
                From = from,
                To = to,
                Raw = raw,
                Subject = headers.Text("Subject") ?? "",
                HeaderFrom = headers.Text("From") ?? "",
                MessageId = headers.Text("Message-ID"),
            };
            _byId[mail.Id] = _oldestFirst.AddLast(mail);
            _bytes += raw.Length;
            while (_oldestFirst.Count > 1 && (_oldestFirst.Count > most || _bytes > mostBytes)) Drop(_oldestFirst.First!);
        }
        _arrivals.Came();
        return mail;
    }

    public KeptMail? Find(long id)
    {
        lock (_lock) return _byId.TryGetValue(id, out var node) ? node.Value : null;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<KeptMail> List(MailQuery query, int count)
    {
        lock (_lock) return [.. NewestFirst().Where(query.Matches).Take(count)];
    }

    /// <summary>The newest mail that matches: the one that is there, or the next to come; null when none came in time.</summary>
    public Task<KeptMail?> Wait(MailQuery query, TimeSpan patience, CancellationToken stop) => _arrivals.Wait(() =>
    {
        lock (_lock)
        {
            var mail = NewestFirst().TakeWhile(m => m.Id > query.After).FirstOrDefault(query.Matches);
            query = query with { After = Math.Max(query.After, _last) };
            return mail;
        }
    }, patience, stop);

    public int Delete(MailQuery query)
    {
        lock (_lock)
        {
            var gone = 0;
            for (var node = _oldestFirst.First; node is not null;)
            {
                var next = node.Next;
                if (query.Matches(node.Value)) { Drop(node); gone++; }
                node = next;
            }
            return gone;
        }
    }

    IEnumerable<KeptMail> NewestFirst()
    {
        for (var node = _oldestFirst.Last; node is not null; node = node.Previous) yield return node.Value;
    }

    void Drop(LinkedListNode<KeptMail> node)
    {
        _oldestFirst.Remove(node);
        _byId.Remove(node.Value.Id);
        _bytes -= node.Value.Raw.Length;
    }
}
