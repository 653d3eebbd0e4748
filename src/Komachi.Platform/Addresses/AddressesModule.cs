namespace Komachi.Platform.Addresses;

/// <summary>Addresses in Japan: the postcodes, for forms that fill themselves in and for anybody who asks.</summary>
sealed class AddressesModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("postcodes", "Postcodes").Platform("Addresses");
        m.Api(LookUpPostcode.Routes);
        m.Desk(LookUpPostcode.DeskRoutes);
    }
}
