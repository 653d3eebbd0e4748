namespace Komachi.Procedures;

/// <summary>How a filing came, as a key of the words.</summary>
static class WayWords
{
    public static string Of(Way way) => way switch
    {
        Way.Online => "Online|way",
        Way.Assisted or Way.Counter => "At the counter|way",
        Way.Post => "By post|way",
        Way.Telephone => "By telephone|way",
        Way.Fax => "By fax|way",
        Way.Email => "By e-mail|way",
        _ => "From another system|way",
    };
}
