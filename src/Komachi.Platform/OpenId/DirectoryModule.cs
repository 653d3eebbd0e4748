using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Platform.OpenId;

/// <summary>Staff come in through the city's own directory (OpenID Connect); the town sets it up, and tries it, on a page of the desk.</summary>
sealed class DirectoryModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("directory", "The city's directory").Platform("OpenId");
        m.Tables(DirectoryProvider.Map, DirectoryLink.Map);
        m.Seals(DirectoryProvider.Purpose, "providers", "sealed_secret", "'directory/' || key || '/secret'").Seals(DirectoryProvider.Purpose, "providers", "sealed_key", "'directory/' || key || '/key'");
        m.Permission("people.directory", "Set up signing in with the city's directory");
        m.Pages(Side.Desk, Access.Anyone, "/desk/sign-in/directory", DirectorySignIn.Routes);
        m.Desk("people.directory", SetUpDirectory.Routes);
        m.Menu(MenuPlace.Desk, "The city's directory", "desk/directory", "people.directory", group: DeskGroup.Office, key: 'y');

        m.Deed("directory.create_account", "Opened an account by the directory");
        m.Deed("directory.link", "Joined an account to the directory");
        m.Deed("directory.unlink", "Parted an account from the directory");
        m.Deed("directory.set_up", "Changed how the directory is reached");
        m.Deed("directory.try", "Tried the directory");
        m.Deed("directory.sign_in_refused", "Was not let in by the directory");
    }
}
